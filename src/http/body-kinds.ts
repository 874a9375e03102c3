import { finished } from 'node:stream';
import { createGunzip } from 'node:zlib';
import multipart from '@fastify/multipart';
import { UnsupportedMediaTypeException } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { duplicateKeyIn } from './duplicate-key';
import { InvalidRequest } from './invalid-request';

/** The routes that take a file instead of JSON. */
const FILE_ROUTES = ['/api/customer/upload', '/api/customer/imports/preview'];
const FILE_TYPES = ['text/csv', 'multipart/form-data'];
const JSON_TYPES = ['application/json'];

/**
 * Which route takes which body: JSON everywhere but for files, whose bytes are handed on as a stream, unpacked when they
 * come as gzip. A body of another kind is refused before it is read.
 */
export async function registerBodyKinds(app: NestFastifyApplication): Promise<void> {
  const fastify = app.getHttpAdapter().getInstance();
  await app.register(multipart, {
    limits: { files: 2, fields: 8, parts: 10, fieldSize: 1024, fileSize: Infinity },
  });
  fastify.removeContentTypeParser('text/plain');
  const parseJson = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeContentTypeParser('application/json');
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    // What has nothing to say may say so with a content type too.
    if (body === '') done(null, undefined);
    else
      void parseJson(request, body as string, (error, parsed) => {
        done(error ? notJson() : problemOfKeys(body as string), parsed);
      });
  });
  fastify.addContentTypeParser('text/csv', (_request, payload, done) => {
    done(null, payload);
  });
  fastify.addHook('onRequest', (request, _reply, done) => {
    done(problemOf(request));
  });
  fastify.addHook('preParsing', (request, reply, payload, done) => {
    if (request.headers['content-encoding'] !== 'gzip') {
      done(null, payload);
      return;
    }
    // What is limited and counted is what comes out of it.
    const unpacked = payload.pipe(createGunzip());
    // Whoever reads it sees the error. A request that is refused before is read by nobody, and an error that nobody
    // listens to ends the process.
    unpacked.on('error', () => undefined);
    // And the rest of the request must flow, or the connection is stuck with it and can't be closed: Node sees to that
    // only where nobody began to read the request. It flows packed, since unpacking a bomb takes minutes.
    reply.raw.once('finish', () => {
      payload.unpipe(unpacked);
      unpacked.destroy();
      payload.resume();
    });
    // A pipe does not hand on that an upload was cut off; a pipeline would take the socket down with a bad gzip.
    finished(payload, (error) => {
      if (error) unpacked.destroy(error);
    });
    done(null, unpacked as never);
  });
}

function problemOfKeys(json: string): InvalidRequest | null {
  const key = duplicateKeyIn(json);
  if (key === undefined) return null;
  return new InvalidRequest([{ field: key, code: 'duplicate_key', message: 'is there more than once' }]);
}

const notJson = (): InvalidRequest =>
  new InvalidRequest([{ field: 'body', code: 'invalid_json', message: 'expected a JSON object' }]);

function problemOf(request: FastifyRequest): Error | undefined {
  const { headers } = request;
  if (!hasBody(headers)) return undefined;
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  const allowed = isFileRoute(request) ? FILE_TYPES : JSON_TYPES;
  if (type !== undefined && !allowed.includes(type)) {
    return new UnsupportedMediaTypeException(
      `Content-Type ${type} is not taken here; expected ${allowed.join(' or ')}.`,
    );
  }
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity' || (encoding === 'gzip' && type === 'text/csv')) return undefined;
  return new UnsupportedMediaTypeException(
    `Content-Encoding ${encoding} is not taken here; only a text/csv file may come as gzip.`,
  );
}

export const isFileRoute = ({ routeOptions }: FastifyRequest): boolean =>
  FILE_ROUTES.includes(routeOptions.url ?? '');

export const hasBody = (headers: FastifyRequest['headers']): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
