import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { HttpException } from '@nestjs/common';

/** Longest path and query; Node's 16 KiB are for that and the headers together. */
const MAX_URL_LENGTH = 12 * 1024;
/** Browsers and proxies send some thirty. */
const MAX_HEADERS = 100;

/** Refuses what is larger at its head than any request of ours; what is larger than Node takes, `badConnection` answers. */
export function limitRequestHeads(app: NestFastifyApplication): void {
  const instance = app.getHttpAdapter().getInstance();
  instance.addHook('onRequest', (request, _reply, done) => {
    done(problemOf(request));
  });
}

function problemOf({ raw }: FastifyRequest): Error | undefined {
  if ((raw.url?.length ?? 0) > MAX_URL_LENGTH)
    return new HttpException(`The URL is longer than ${MAX_URL_LENGTH} characters.`, 414);
  // Names and values, one after the other.
  if (raw.rawHeaders.length / 2 > MAX_HEADERS)
    return new HttpException(`The request has more than ${MAX_HEADERS} headers.`, 431);
  return undefined;
}
