import { ChunkCutter, type CsvChunk, type CsvHeader } from './chunk-cutter';
import { CSV_LIMITS, type CsvLimits } from './csv-limits';
import type { Encoding } from './decoded-text';
import type { Delimiter } from './delimiter';
import { isOwnFile, withoutMark } from './own-files';
import { FileText } from './file-text';

export interface CsvFile {
  /** The header's fields as the file's own program wrote them; see `mapColumns`. */
  header: string[];
  delimiter: Delimiter;
  /** As far as the file was read: `utf-8` until a character says something else. Chunks are UTF-8 in any case. */
  readonly encoding: Encoding;
  /**
   * The data, pulled from the source only as chunks are asked for. Rejects with `CsvRefused` when a later part of the
   * file is bad. Who stops early calls `chunks.return()`, which closes the source.
   */
  chunks: AsyncGenerator<CsvChunk, void, undefined>;
}

/**
 * Reads a CSV file as far as its header, and cuts the rest into chunks on demand.
 *
 * The source is closed (its iterator's `return()` is called) when the file turns out bad. A Node stream is then
 * destroyed: to answer on the socket of a request body, pass `request.iterator({ destroyOnReturn: false })`.
 * @throws CsvRefused when the file is empty, is not text, or its header can't be read.
 */
export async function readCsv(
  source: AsyncIterable<Buffer>,
  limits: Partial<CsvLimits> = {},
): Promise<CsvFile> {
  const text = new FileText();
  const parts = headerThenChunks(source, text, new ChunkCutter({ ...CSV_LIMITS, ...limits }));
  const first = await parts.next();
  if (first.done || !('header' in first.value)) throw new Error('The header must come first');
  const { header, delimiter } = first.value;
  return {
    header: isOwnFile(header) ? header.map(withoutMark) : header,
    delimiter,
    get encoding() {
      return text.encoding;
    },
    // Only the first part is a header.
    chunks: parts as AsyncGenerator<CsvChunk, void, undefined>,
  };
}

async function* headerThenChunks(
  source: AsyncIterable<Buffer>,
  text: FileText,
  cutter: ChunkCutter,
): AsyncGenerator<CsvHeader | CsvChunk, void, undefined> {
  for await (const bytes of source) yield* cutter.feed(text.decode(bytes));
  yield* cutter.feed(text.end());
  yield* cutter.finish();
}
