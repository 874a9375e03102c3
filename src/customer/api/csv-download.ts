import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

/**
 * Streams a CSV as it is read. What fails before its first part is thrown, so it can be answered; what fails later ends
 * the connection, so that nobody takes a part for the whole. The generator is ended with the reply, also when nobody
 * came to read it.
 */
export async function csvDownload(
  reply: FastifyReply,
  csv: AsyncGenerator<string>,
  fileName: string,
): Promise<StreamableFile> {
  const first = await csv.next();
  reply.header('content-disposition', `attachment; filename="${fileName}"`);
  const stream = Readable.from(from(first, csv));
  // A stream that was never read does not end what it would have read.
  stream.once('close', () => void csv.return(undefined));
  return new StreamableFile(stream, { type: 'text/csv; charset=utf-8' });
}

async function* from(first: IteratorResult<string>, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  if (first.done !== true) yield first.value;
  yield* rest;
}
