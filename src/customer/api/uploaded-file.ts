import type { Readable } from 'node:stream';
import type { Multipart, MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { UploadRefused } from '../import/upload-refused';

/**
 * The bytes of the uploaded CSV as they arrive: the whole body, or the part named `file` of a form.
 * @throws UploadRefused while it is read: there is no such part, there are others, or the upload was cut off
 */
export async function* uploadedFile(request: FastifyRequest): AsyncGenerator<Buffer> {
  if (!request.isMultipart()) {
    if (!request.body) throw new UploadRefused(415, 'Expected a form with a file, or a text/csv body.');
    yield* bytesOf(request.body as Readable);
    return;
  }
  const parts = request.parts();
  const file = await nextFile(parts);
  if (file?.fieldname !== 'file') {
    file?.file.resume();
    throw new UploadRefused(400, 'expected the CSV in a form field named "file"');
  }
  yield* bytesOf(file.file);
  const another = await nextFile(parts);
  another?.file.resume();
  if (another) throw new UploadRefused(400, 'expected one file, and found another');
}

/** The next file of a form; its other fields say nothing to us. */
async function nextFile(parts: AsyncIterableIterator<Multipart>): Promise<MultipartFile | undefined> {
  try {
    for (;;) {
      const next = (await parts.next()) as IteratorResult<Multipart, undefined>;
      if (next.value === undefined || next.value.type === 'file') return next.value;
    }
  } catch (error) {
    throw unreadable(error);
  }
}

/** When the reader stops early, the rest is read and thrown away: the answer still has to go out on its socket. */
async function* bytesOf(stream: Readable): AsyncGenerator<Buffer> {
  try {
    for await (const bytes of stream.iterator({ destroyOnReturn: false })) yield bytes as Buffer;
  } catch (error) {
    throw unreadable(error);
  } finally {
    if (!stream.readableEnded && !stream.destroyed) stream.resume();
  }
}

/** Whatever fails while the caller's bytes are read is in how they were sent: a lost connection, a bad gzip or form. */
const unreadable = (cause: unknown): UploadRefused =>
  new UploadRefused(400, 'the upload was cut off, or is no valid gzip or form', { cause });
