import { zstdDecompressSync } from 'node:zlib';
import type { mongo } from 'mongoose';

/** Chunks read at once for a download: few, since whoever reads them may be slow. */
const PAGE = 8;

/** Lines of CSV as they are kept of a chunk, as zstd. */
export interface ChunkLines {
  chunk: number;
  lines: mongo.Binary | undefined;
}

/**
 * What is kept of the chunks of an import, in the order of the file. Page by page: a cursor would be closed under a
 * reader that is slow.
 * @param find those there are of some chunks, by id
 */
export async function* chunkLines(
  { importId, chunks }: { importId: string; chunks: number },
  find: (ids: string[]) => Promise<ChunkLines[]>,
): AsyncGenerator<string> {
  for (let from = 0; from < chunks; from += PAGE) {
    const page = Array.from({ length: Math.min(PAGE, chunks - from) }, (_, index) => from + index);
    const found = await find(page.map((chunk) => chunkId(importId, chunk)));
    for (const { lines } of found.sort((a, b) => a.chunk - b.chunk))
      if (lines) yield zstdDecompressSync(lines.buffer).toString();
  }
}

/** The database is asked before the header is handed out: one that is away is still told by the status. */
export async function* under(header: string, lines: AsyncGenerator<string>): AsyncGenerator<string> {
  const first = await lines.next();
  yield header;
  if (first.done !== true) yield first.value;
  yield* lines;
}

/** Id of what is kept of a chunk. */
export const chunkId = (importId: string, chunk: number): string => `${importId}-${chunk}`;
