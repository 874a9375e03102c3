import { HttpException } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Environment } from '../../config/environment';
import { answerProblem } from '../answer-problem';
import { hasBody, isFileRoute } from '../body-kinds';

/** Looks at each body in a span of BODY_TIMEOUT_MS. */
const LOOKS = 10;

/** A body that is under way. */
interface Arrival {
  request: FastifyRequest;
  reply: FastifyReply;
  /** Of the connection, when the span began. */
  bytesBefore: number;
  /** Looks at which we waited for the client, and not it for us. */
  waited: number;
}

/**
 * Ends requests whose bodies do not come: JSON that is not there within BODY_TIMEOUT_MS, and a file of which less than
 * UPLOAD_MIN_BYTES_PER_SECOND come in such a span. Time in which bytes wait for us is not the client's.
 */
export function endSlowBodies(app: NestFastifyApplication, { clients }: Environment): void {
  const { bodyTimeoutMs, uploadMinBytesPerSecond } = clients;
  const enoughBytes = (uploadMinBytesPerSecond * bodyTimeoutMs) / 1000;
  const arrivals = new Map<FastifyRequest, Arrival>();
  const instance = app.getHttpAdapter().getInstance();

  instance.addHook('onRequest', (request, reply, done) => {
    if (hasBody(request.headers))
      arrivals.set(request, { request, reply, bytesBefore: request.raw.socket.bytesRead, waited: 0 });
    done();
  });
  instance.addHook('onResponse', (request, _reply, done) => {
    // What is answered early may still be on its way.
    if (request.raw.complete) arrivals.delete(request);
    done();
  });
  const looking = setInterval(() => {
    for (const [request, arrival] of arrivals) {
      const { raw } = request;
      if (raw.complete || raw.destroyed) arrivals.delete(request);
      else if (raw.readableLength === 0 && (arrival.waited += 1) > LOOKS) {
        const bytes = raw.socket.bytesRead;
        if (isFileRoute(request) && bytes - arrival.bytesBefore >= enoughBytes)
          Object.assign(arrival, { bytesBefore: bytes, waited: 0 });
        else {
          arrivals.delete(request);
          end(arrival);
        }
      }
    }
  }, bodyTimeoutMs / LOOKS).unref();
  instance.addHook('onClose', (_instance, done) => {
    clearInterval(looking);
    done();
  });
}

function end({ request, reply }: Arrival): void {
  const { socket } = request.raw;
  if (reply.sent) {
    socket.destroy();
    return;
  }
  // Whoever reads the body finds it cut off, and lets go of what it has.
  reply.raw.once('finish', () => socket.destroy());
  reply.header('connection', 'close');
  answerProblem(new HttpException('The body did not arrive in time.', 408), request, reply);
}
