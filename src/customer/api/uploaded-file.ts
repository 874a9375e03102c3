import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { UploadRefused } from '../import/upload-refused';

/**
 * The bytes of the uploaded CSV as they arrive: the whole body, or the part named `file` of a form.
 * @throws UploadRefused when there is no such part, or, while it is read, when the upload was cut off or is no gzip
 */
export async function uploadedFile(request: FastifyRequest): Promise<AsyncIterable<Buffer>> {
  if (request.isMultipart()) {
    const part = await nextFile(request);
    if (part?.fieldname !== 'file')
      throw new UploadRefused(400, 'file: expected the CSV in a form field named "file".');
    return bytesOf(part.file);
  }
  if (request.body === undefined || request.body === null) {
    throw new UploadRefused(415, 'Expected a form with a file, or a text/csv body.');
  }
  return bytesOf(request.body as Readable);
}

async function nextFile(request: FastifyRequest) {
  try {
    return await request.file();
  } catch (error) {
    throw new UploadRefused(
      400,
      `file: the form can not be read (${error instanceof Error ? error.message : 'unknown'}).`,
    );
  }
}

/** When the reader stops early, the rest is read and thrown away: the answer still has to go out on its socket. */
async function* bytesOf(stream: Readable): AsyncGenerator<Buffer> {
  try {
    for await (const bytes of stream.iterator({ destroyOnReturn: false })) yield bytes as Buffer;
  } catch (error) {
    throw isCutOff(error)
      ? new UploadRefused(400, 'file: the upload was cut off, or is no valid gzip.')
      : error;
  } finally {
    if (!stream.readableEnded && !stream.destroyed) stream.resume();
  }
}

function isCutOff(error: unknown): boolean {
  // The form parser has no code for a form that ends early.
  if (error instanceof Error && error.message === 'Unexpected end of form') return true;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return (
    code === 'ECONNRESET' ||
    code === 'ERR_STREAM_PREMATURE_CLOSE' ||
    code.startsWith('Z_') ||
    code === 'ABORT_ERR'
  );
}
