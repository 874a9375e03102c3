import {
  ForbiddenException,
  Injectable,
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AdminCredentials } from '../../auth/admin-credentials';
import { hasRole } from '../../auth/admin-role';
import { Environment } from '../../config/environment';

/**
 * Lets operators and admins in, by a Bearer token or by the password of an account: both are what Prometheus can show,
 * and neither needs a server to be checked. Anybody, where the environment says so.
 */
@Injectable()
export class MetricsGuard implements CanActivate {
  constructor(
    private readonly environment: Environment,
    private readonly credentials: AdminCredentials,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.environment.metricsPublic) return true;
    const http = context.switchToHttp();
    const { headers, ip } = http.getRequest<FastifyRequest>();
    const { authorization } = headers;
    const visitor = authorization === undefined ? undefined : await this.credentials.of(authorization, ip);
    if (!visitor) {
      http
        .getResponse<FastifyReply>()
        .header('www-authenticate', 'Basic realm="InsightCRM metrics", charset="UTF-8"');
      throw new UnauthorizedException('A valid Bearer token, or the password of an account, is required.');
    }
    if (visitor.role && hasRole(visitor.role, 'operator')) return true;
    throw new ForbiddenException('This needs the role operator or admin.');
  }
}
