import { csvSpectrum } from '../../../../test/helpers/csv-spectrum';
import { readCsv } from './read-csv';
import { readFields, recordText } from './record-fields';
import { RecordSplitter } from './record-splitter';

/* eslint-disable-next-line @typescript-eslint/require-await -- a source is asynchronous */
async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function rowsOf(csv: Buffer, pieceBytes: number): Promise<Record<string, unknown>[]> {
  const { header, delimiter, chunks } = await readCsv(inPieces(csv, pieceBytes), { rowsPerChunk: 2 });
  const rows: Record<string, unknown>[] = [];
  for await (const { bytes } of chunks) {
    const splitter = new RecordSplitter(Infinity, delimiter);
    splitter.feed(bytes);
    splitter.end();
    while (splitter.next()) {
      const record = recordText(bytes, splitter.recordStart, splitter.recordEnd);
      const fields = readFields(record, delimiter);
      rows.push(Object.fromEntries(header.map((text, index) => [text, (fields as string[])[index]])));
    }
  }
  return rows;
}

describe('csv-spectrum', () => {
  const files = csvSpectrum();

  it('is there', () => {
    expect(files.length).toBeGreaterThanOrEqual(12);
  });

  it.each(files)('$name is read right, however the bytes are cut', async ({ csv, rows }) => {
    for (const pieceBytes of [1, 2, 3, 7, Infinity]) expect(await rowsOf(csv, pieceBytes)).toEqual(rows);
  });
});
