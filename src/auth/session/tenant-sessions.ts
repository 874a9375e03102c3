import { ForbiddenException, Injectable, UnauthorizedException } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { hasRole, type AdminRole } from '../admin-role';
import { isForged } from '../forged';
import { principalOf, type Principal } from '../principal';
import { sessionIdOf } from './session-cookie';
import { Sessions } from './sessions';

/** For which tenant a person who is signed in acts, percent-encoded as headers know no other letters; who signed in with a token acts for its tenant, whatever this says. */
export const TENANT_HEADER = 'x-tenant-id';

/** Lets the cockpit use routes of the API for one tenant. */
@Injectable()
export class TenantSessions {
  constructor(private readonly sessions: Sessions) {}

  /** Whether a session is all that the caller shows. */
  isShown = (request: FastifyRequest): boolean =>
    request.headers.authorization === undefined && sessionIdOf(request) !== undefined;

  /** @throws UnauthorizedException, ForbiddenException, QueueUnavailable */
  async callerOf(request: FastifyRequest, needed: AdminRole): Promise<Principal> {
    if (isForged(request)) throw new ForbiddenException('This came from another site.');
    const visitor = await this.sessions.find(sessionIdOf(request) ?? '');
    if (!visitor) throw new UnauthorizedException('The session is over; sign in.');
    if (!hasRole(visitor.role, needed)) throw new ForbiddenException(`This needs the role ${needed}.`);
    const tenantId = visitor.tenantId ?? decoded(request.headers[TENANT_HEADER]);
    const caller = principalOf({ sub: visitor.userId, tenantId, roles: ['user'] });
    if (!caller || tenantId === undefined)
      throw new ForbiddenException(`Name the tenant in ${TENANT_HEADER}.`);
    return caller;
  }
}

/** @returns undefined for what is not encoded so */
function decoded(header: string | string[] | undefined): string | undefined {
  try {
    return typeof header === 'string' ? decodeURIComponent(header) : undefined;
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
