import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

/** Streams a CSV as it is read. What fails before its first part is thrown, so it can be answered. */
export async function csvDownload(
  reply: FastifyReply,
  csv: AsyncGenerator<string>,
  fileName: string,
): Promise<StreamableFile> {
  const first = await csv.next();
  reply.header('content-disposition', `attachment; filename="${fileName}"`);
  return new StreamableFile(Readable.from(from(first, csv)), { type: 'text/csv; charset=utf-8' });
}

async function* from(first: IteratorResult<string>, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  if (first.done !== true) yield first.value;
  yield* rest;
}
