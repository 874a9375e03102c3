import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  SetMetadata,
  UseInterceptors,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { type Observable, defer, mergeMap } from 'rxjs';
import type { AuthenticatedRequest } from '../auth/access';
import { CUSTOMER_QUEUE } from '../customer/jobs/customer.jobs';
import { AuditLog, type AuditAction } from './audit-log';

const AUDITED = 'audit:action';

/** Writes down what a person does for a tenant in the cockpit; what a tenant does itself, with a token, is its own affair. */
@Injectable()
class AuditOfSessions implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly audit: AuditLog,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    if (request.headers.authorization !== undefined) return next.handle();
    const { userId, tenantId } = request.user;
    const { id: importId } = request.params as { id?: string };
    const action = this.reflector.get<AuditAction>(AUDITED, context.getHandler());
    const act = { action, queue: CUSTOMER_QUEUE, ...(importId !== undefined && { details: { importId } }) };
    return defer(() => this.audit.record({ userId, tenantId, requestId: request.id }, act)).pipe(
      mergeMap(() => next.handle()),
    );
  }
}

/** For a handler that people in the cockpit may use: it is in the audit log before it is done. */
export const Audited = (action: AuditAction) =>
  applyDecorators(SetMetadata(AUDITED, action), UseInterceptors(AuditOfSessions));
