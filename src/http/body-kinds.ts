import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import multipart from '@fastify/multipart';
import { UnsupportedMediaTypeException } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';

/** The one route that takes a file instead of JSON. */
export const UPLOAD_ROUTE = '/api/customer/upload';
const FILE_TYPES = ['text/csv', 'multipart/form-data'];
const JSON_TYPES = ['application/json'];

/**
 * Which route takes which body: JSON everywhere but for the upload, whose bytes are handed on as a stream, unpacked
 * when they come as gzip. A body of another kind is refused before it is read.
 */
export async function registerBodyKinds(app: NestFastifyApplication): Promise<void> {
  const fastify = app.getHttpAdapter().getInstance();
  await app.register(multipart, {
    limits: { files: 1, fields: 8, fieldSize: 1024, fileSize: Infinity },
  });
  fastify.removeContentTypeParser('text/plain');
  fastify.addContentTypeParser('text/csv', (_request, payload, done) => {
    done(null, payload);
  });
  fastify.addHook('onRequest', (request, _reply, done) => {
    done(problemOf(request));
  });
  fastify.addHook('preParsing', (request, _reply, payload, done) => {
    if (request.headers['content-encoding'] !== 'gzip') {
      done(null, payload);
      return;
    }
    // What is limited and counted is what comes out of it.
    const unpacked = createGunzip();
    // An upload that is cut off must end its reader too, which a pipe would not do.
    pipeline(payload, unpacked, () => undefined);
    done(null, unpacked as never);
  });
}

function problemOf({ headers, routeOptions }: FastifyRequest): Error | undefined {
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  const isUpload = routeOptions.url === UPLOAD_ROUTE;
  const allowed = isUpload ? FILE_TYPES : JSON_TYPES;
  const encoding = headers['content-encoding'];
  if (type !== undefined && !allowed.includes(type)) {
    return new UnsupportedMediaTypeException(
      `Content-Type ${type} is not taken here; expected ${allowed.join(' or ')}.`,
    );
  }
  if (encoding !== undefined && encoding !== 'identity' && !(isUpload && encoding === 'gzip')) {
    return new UnsupportedMediaTypeException(`Content-Encoding ${encoding} is not taken here.`);
  }
  return undefined;
}
