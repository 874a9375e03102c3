import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AuthenticatedRequest } from '../auth/access';
import type { Logger } from '../logging/logger';

/** Asked every few seconds by machines: of interest only when they fail. */
const isProbe = (route = ''): boolean => route.startsWith('/health/') || route === '/metrics';

/** One line per request. The route, not the URL: a query may hold an email. */
export function logRequests(app: NestFastifyApplication, logger: Logger): void {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onResponse', (request, reply, done) => {
      const { url: route } = request.routeOptions;
      const caller = (request as Partial<AuthenticatedRequest>).user;
      const level = isProbe(route) && reply.statusCode < 400 ? 'debug' : 'info';
      logger[level](
        {
          requestId: request.id,
          method: request.method,
          route: route ?? 'none',
          status: reply.statusCode,
          durationMs: Math.round(reply.elapsedTime * 10) / 10,
          ...(caller && { tenantId: caller.tenantId, userId: caller.userId }),
        },
        'request',
      );
      done();
    });
}
