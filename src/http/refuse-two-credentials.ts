import { BadRequestException } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { answerProblem } from './answer-problem';

/**
 * Refuses a request with more than one Authorization header, whatever it asks for. Node would take the first: a proxy
 * that looked at another one let somebody else in.
 */
export function refuseTwoCredentials(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (shownCredentials(request.raw.rawHeaders) <= 1) {
      done();
      return;
    }
    answerProblem(new BadRequestException('There must be one Authorization header.'), request, reply);
  });
}

/** @param headers names and values in turn, as they came */
function shownCredentials(headers: readonly string[]): number {
  let count = 0;
  for (let index = 0; index < headers.length; index += 2)
    if (headers[index]?.toLowerCase() === 'authorization') count++;
  return count;
}
