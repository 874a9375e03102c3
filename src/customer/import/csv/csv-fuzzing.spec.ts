import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { holdsForAll, PROPERTY_TIMEOUT_MS } from '../../../../test/helpers/property';
import { CsvRefused } from './csv-error';
import { FileText } from './file-text';
import { readCsv } from './read-csv';

const LIMITS = { rowsPerChunk: 3, maxChunkBytes: 64, maxRecordBytes: 200 };
const TRIES = { runs: 3_000, limitMs: 12_000 };

const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
const ENCODERS: ((text: string) => Buffer)[] = [
  (text) => Buffer.from(text),
  (text) => Buffer.from(`\ufeff${text}`),
  (text) => Buffer.from(text, 'latin1'),
  (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  (text) => utf16be(`\ufeff${text}`),
];

const PARTS = [
  'a',
  'é',
  '漢',
  '😀',
  ' ',
  '"',
  '""',
  '\n',
  '\r\n',
  '\r',
  ',',
  ';',
  '\t',
  '|',
  'sep=;',
  '\u0000',
];
const cells = fc.array(fc.constantFrom(...PARTS), { maxLength: 60 }).map((parts) => parts.join(''));
const csvText = fc
  .tuple(fc.constantFrom('', 'name,email\n', 'name;email\r\n', 'sep=|\nname|email\n'), cells)
  .map((parts) => parts.join(''));
const encoded = fc.tuple(csvText, fc.constantFrom(...ENCODERS)).map(([text, encode]) => encode(text));
const noise = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));

/** Bytes of good files, some of them overwritten, and what no program ever wrote. */
const anyBytes = fc.oneof(
  encoded,
  noise,
  fc.tuple(encoded, noise).map((parts) => Buffer.concat(parts)),
  fc.tuple(encoded, fc.array(fc.tuple(fc.nat(299), fc.nat(255)), { maxLength: 5 })).map(([bytes, flips]) => {
    for (const [at, value] of flips) if (at < bytes.length) bytes[at] = value;
    return bytes;
  }),
);
const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 });

/* eslint-disable-next-line @typescript-eslint/require-await -- a source is asynchronous */
async function* inBuffers(bytes: Buffer, sizes: number[]): AsyncGenerator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

interface Outcome {
  /** Of a file with two faults either may be told: whichever is seen first in a buffer. */
  refused: boolean;
  header?: string[];
  delimiter?: string;
  rows: number;
  data: string;
}

/** What the intake makes of a file; only its typed refusals are no failure. */
async function intake(bytes: Buffer, sizes: number[]): Promise<Outcome> {
  const seen: Outcome = { refused: false, rows: 0, data: '' };
  try {
    const { header, delimiter, chunks } = await readCsv(inBuffers(bytes, sizes), LIMITS);
    Object.assign(seen, { header, delimiter });
    for await (const chunk of chunks) {
      expect(chunk.rows).toBeLessThanOrEqual(LIMITS.rowsPerChunk);
      expect(chunk.bytes.length).toBeLessThanOrEqual(
        chunk.rows === 1 ? LIMITS.maxRecordBytes : LIMITS.maxChunkBytes,
      );
      seen.rows += chunk.rows;
      seen.data += chunk.bytes.toString();
    }
  } catch (error) {
    if (!(error instanceof CsvRefused)) throw error;
    return { refused: true, rows: 0, data: '' };
  }
  return seen;
}

function decoded(bytes: Buffer): string {
  const text = new FileText();
  return Buffer.concat([text.decode(bytes).bytes, text.end().bytes]).toString();
}

/** Blank lines are no records: whether a chunk has those around its rows is its own affair. */
const withoutBlankLines = (text: string): string => text.replaceAll(/[\r\n]+/g, '\n').replace(/\n$/, '');

describe('CSV intake of any bytes', () => {
  it(
    'reads or refuses them, in chunks of bounded size, the same however they come in buffers',
    async () => {
      await holdsForAll(
        fc.tuple(anyBytes, cuts),
        async ([bytes, sizes]) => {
          const whole = await intake(bytes, [bytes.length || 1]);

          expect(await intake(bytes, sizes)).toEqual(whole);
          expect(await intake(bytes, [1])).toEqual(whole);
        },
        TRIES,
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'loses and makes up nothing: its chunks are the end of the file, row by row',
    async () => {
      await holdsForAll(
        fc.tuple(anyBytes, cuts),
        async ([bytes, sizes]) => {
          const { refused, rows, data, delimiter } = await intake(bytes, sizes);
          if (refused) return;

          const text = decoded(bytes);
          expect(withoutBlankLines(text).endsWith(withoutBlankLines(data))).toBe(true);
          expect(rows).toBe(recordsOf(data, delimiter ?? ','));
        },
        TRIES,
      );
    },
    PROPERTY_TIMEOUT_MS,
  );
});

/** As csv-parse counts them. */
const recordsOf = (text: string, delimiter: string): number =>
  parse(text, {
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
  }).length;
