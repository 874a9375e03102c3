import { CsvError, parse } from 'csv-parse/sync';
import { mapColumns } from './columns';
import { CsvRefused } from './csv-error';
import type { CsvLimits } from './csv-limits';
import { DELIMITERS, type Delimiter } from './delimiter';
import { readCsv } from './read-csv';
import { MalformedQuotes, readFields, recordText } from './record-fields';
import { RecordSplitter } from './record-splitter';
import { readRows } from './row-reader';

// csv-parse reads the whole file at once and knows nothing of our code: where both agree, both are likely right.

/** mulberry32 */
function randomFrom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  };
}
type Random = ReturnType<typeof randomFrom>;

const pick = <T>(random: Random, items: readonly T[]): T => items[random(items.length)] as T;
const several = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);

const LINE_ENDS = ['\n', '\r\n', '\r'];
const CELL_PARTS = ['a', 'bc', 'é', '漢', '😀', ' ', '"', '""', '\n', '\r\n', '\r', ...DELIMITERS, '\uFEFF'];

interface Table {
  text: string;
  delimiter: Delimiter;
  rows: { fields: string[]; line: number }[];
}

/** A table of three columns in correct CSV, with whatever a cell may hold. The first row is a header. */
function randomTable(random: Random): Table {
  let text = '';
  let line = 1;
  const delimiter = pick(random, DELIMITERS);
  const endLine = (): void => {
    // A \n right after a lone \r would be the same line end, so a blank line never begins with one there.
    const ends = text.endsWith('\r') ? ['\r\n', '\r'] : LINE_ENDS;
    text += pick(random, ends);
    line++;
  };
  const rows = several(2 + random(12), () => [0, 1, 2]).map((columns, index) => {
    while (random(4) === 0) endLine();
    const fields = columns.map((column) =>
      index === 0 ? `column ${column}` : several(random(5), () => pick(random, CELL_PARTS)).join(''),
    );
    const cells = fields.map((field) =>
      field.includes(delimiter) || /["\r\n]/.test(field) || random(4) === 0 ? quoted(field) : field,
    );
    const row = { fields, line };
    text += cells.join(delimiter);
    line += fields.join().match(/\r\n|\r|\n/g)?.length ?? 0;
    text += pick(random, LINE_ENDS);
    line++;
    return row;
  });
  return { text: random(3) === 0 ? text.replace(/[\r\n]+$/, '') : text, delimiter, rows };
}

const quoted = (field: string): string => `"${field.replaceAll('"', '""')}"`;

function* piecesOf(bytes: Buffer, nextSize: () => number): Generator<Buffer> {
  for (let at = 0; at < bytes.length;) {
    const size = nextSize();
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

/* eslint-disable-next-line @typescript-eslint/require-await -- a source is asynchronous */
async function* sourceOf(pieces: Iterable<Buffer>): AsyncGenerator<Buffer> {
  yield* pieces;
}

interface Read {
  header: string[];
  delimiter: Delimiter;
  rows: { fields: string[] | MalformedQuotes; line: number; row: number }[];
  counted: number;
  /** Whether the worker's reader saw the same rows in each chunk as the cutter. */
  agreed: boolean;
}

async function readInPieces(
  bytes: Buffer,
  nextSize: () => number,
  limits: Partial<CsvLimits>,
): Promise<Read> {
  const { header, delimiter, chunks } = await readCsv(sourceOf(piecesOf(bytes, nextSize)), limits);
  const layout = { header, delimiter, columns: mapColumns(['name', 'email', 'phone']) };
  const read: Read = { header, delimiter, rows: [], counted: 0, agreed: true };
  for await (const chunk of chunks) {
    const { firstLine, firstRow } = chunk;
    const splitter = new RecordSplitter(Infinity, delimiter, firstLine);
    splitter.feed(chunk.bytes);
    splitter.end();
    while (splitter.next()) {
      const text = recordText(chunk.bytes, splitter.recordStart, splitter.recordEnd);
      const fields = readFields(text, delimiter);
      read.rows.push({ fields, line: splitter.recordLine, row: firstRow + read.rows.length - read.counted });
    }
    const rows = [...readRows(chunk.bytes, layout, firstLine, firstRow)];
    const places = rows.map(({ line, row }) => `${line}/${row}`).join();
    const expected = read.rows.slice(read.counted).map(({ line, row }) => `${line}/${row}`);
    read.agreed &&= places === expected.join() && rows.length === chunk.rows && firstRow === read.counted;
    read.counted += chunk.rows;
  }
  return read;
}

function parseWhole(text: string, delimiter: Delimiter): string[][] {
  return parse(text, {
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
  });
}

describe('CSV intake, compared with csv-parse on the whole file', () => {
  it('reads random tables alike, with the right lines, for buffers and chunks of every size', async () => {
    const random = randomFrom(1);
    for (let round = 0; round < 150; round++) {
      const { text, delimiter, rows } = randomTable(random);
      const bytes = Buffer.from(text);
      const [header, ...expected] = rows.map(({ fields, line }, index) => ({ fields, line, row: index - 1 }));
      expect(parseWhole(text, delimiter)).toEqual(rows.map(({ fields }) => fields));

      for (const size of [1, 2, 3, 5, 16, Infinity, 'random'] as const) {
        const nextSize = (): number => (size === 'random' ? 1 + random(12) : size);
        const limits = { rowsPerChunk: 1 + random(4), maxChunkBytes: 1 + random(60) };

        const read = await readInPieces(bytes, nextSize, limits);

        const { counted: _, ...seen } = read;
        expect({ text, size, ...seen }).toEqual({
          ...{ text, size, delimiter, header: header?.fields, rows: expected, agreed: true },
        });
      }
    }
  });

  it('finds the same records in any jumble of quotes, delimiters and line ends', async () => {
    const random = randomFrom(2);
    for (let round = 0; round < 4000; round++) {
      const delimiter = pick(random, DELIMITERS);
      const parts = ['a', 'é', delimiter, ...DELIMITERS, '"', '"', '\n', '\r', '\r\n', '""'];
      const jumble = several(1 + random(25), () => pick(random, parts)).join('');
      const text = `name${delimiter}email\n${jumble}`;

      const ours = await recordsOrReason(text, () => 1 + random(6));

      const theirs = wholeOrReason(text, delimiter);
      const comparable =
        Array.isArray(ours) && Array.isArray(theirs) ? withoutMalformed(ours, theirs) : theirs;
      expect({ text, ours }).toEqual({ text, ours: comparable });
    }
  });
});

type Records = (string[] | MalformedQuotes)[];

async function recordsOrReason(text: string, nextSize: () => number): Promise<Records | string> {
  try {
    const { header, rows } = await readInPieces(Buffer.from(text), nextSize, { rowsPerChunk: 2 });
    return [header, ...rows.map(({ fields }) => fields)];
  } catch (error) {
    if (error instanceof CsvRefused) return error.reason;
    throw error;
  }
}

function wholeOrReason(text: string, delimiter: Delimiter): string[][] | string {
  try {
    const records = parseWhole(text, delimiter);
    return records.length === 1 ? 'header_only' : records;
  } catch (error) {
    if (error instanceof CsvError && error.code === 'CSV_QUOTE_NOT_CLOSED') return 'unclosed_quote';
    throw error;
  }
}

/** csv-parse can't tell malformed quotes from data, so there only the record's place is compared. */
function withoutMalformed(ours: Records, theirs: string[][]): Records {
  return theirs.map((record, index) => {
    const same = ours[index];
    return same instanceof MalformedQuotes ? same : record;
  });
}
