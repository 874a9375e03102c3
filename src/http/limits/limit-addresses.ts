import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { JwtStrategy } from '../../auth/jwt.strategy';
import { countedAddress } from '../door/client-address';
import { RateLimits } from './rate-limits';
import type { Place } from './request-count';

declare module 'fastify' {
  interface FastifyRequest {
    /** In the count of its address, once it is told; absent where that is not limited. */
    addressPlace?: Promise<Place>;
  }
}

/** Asked by machines that keep the service running, often many from one address. */
const UNLIMITED = ['/health/live', '/health/ready', '/api/queue/health', '/metrics'];

/**
 * Counts each request for its address before anything else is done with it, whatever it is and whoever it says it is.
 * Who shows a token that was verified a moment ago need not wait to be told: the guard does, with the tenant's count.
 */
export function limitAddresses(app: NestFastifyApplication): void {
  const limits = app.get(RateLimits);
  const { addresses } = limits;
  if (!addresses) return;
  const tokens = app.get(JwtStrategy);
  const fastify = app.getHttpAdapter().getInstance();
  fastify.decorateRequest('addressPlace', undefined);
  fastify.addHook('onRequest', (request, reply, done) => {
    if (UNLIMITED.includes(request.routeOptions.url ?? '')) {
      done();
      return;
    }
    const key = countedAddress(request.ip);
    const known = addresses.known(key);
    if (known) {
      done(limits.tell(reply, [known]));
      return;
    }
    const place = addresses.take(key);
    request.addressPlace = place;
    if (!tokens.knows(request)) {
      place.then((told) => {
        done(limits.tell(reply, [told]));
      }, done);
      return;
    }
    // Where no guard waits for it, as there is no such route, its failure is nobody's.
    place.catch(() => undefined);
    done();
  });
}
