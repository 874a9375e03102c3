import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Redis } from 'ioredis';
import { Environment } from '../../config/environment';
import { RedisSilence } from './redis-silence';
import { RequestCount, type Place } from './request-count';
import { TooManyRequests } from './too-many-requests';

/** The limits on requests, those of them that are on. */
@Injectable()
export class RateLimits {
  readonly tenants: RequestCount | undefined;
  readonly addresses: RequestCount | undefined;
  /** All of them, whichever a request is counted by. */
  private readonly policy: string;

  constructor(redis: Redis, @Inject(Environment) environment: Environment) {
    const { rateLimitPerMinute, rateLimitPerAddress } = environment;
    const { prefix } = environment.redis;
    const silence = new RedisSilence();
    const countOf = (of: Place['of'], limit: number, keyPrefix: string) =>
      limit === 0 ? undefined : new RequestCount(of, limit, { redis, keyPrefix }, silence);
    this.tenants = countOf('tenant', rateLimitPerMinute, `${prefix}:rate`);
    this.addresses = countOf('address', rateLimitPerAddress, `${prefix}:address-rate`);
    this.policy = [this.tenants, this.addresses].flatMap((count) => count?.policy ?? []).join(', ');
  }

  /**
   * Tells a caller where it stands, by draft-ietf-httpapi-ratelimit-headers-10.
   * @returns why it is refused, where one of its places is beyond the limit
   */
  tell(reply: FastifyReply, places: readonly Place[]): TooManyRequests | undefined {
    if (places.length === 0) return undefined;
    reply.header('ratelimit-policy', this.policy);
    reply.header(
      'ratelimit',
      places.map(({ of, remaining, resetS }) => `"${of}";r=${remaining};t=${resetS}`).join(', '),
    );
    const refused = places.filter(({ allowed }) => !allowed);
    const [first] = refused;
    return first && new TooManyRequests(first.of, Math.max(...refused.map(({ resetS }) => resetS)));
  }
}
