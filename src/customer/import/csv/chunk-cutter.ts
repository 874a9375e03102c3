import { CsvRefused } from './csv-error';
import type { CsvLimits } from './csv-limits';
import type { BadText, DecodedText } from './decoded-text';
import type { Delimiter } from './delimiter';
import { isErrorsCsv, withoutMark } from './errors-csv';
import { HeaderDetector, type HeaderFormat } from './header-format';
import { PendingBytes } from './pending-bytes';
import { readFields, recordText, MalformedQuotes } from './record-fields';
import { RecordSplitter } from './record-splitter';

/** Some whole data records of a file, as they came. */
export interface CsvChunk {
  /** From the first byte of the first record to the line end of the last; never the header. */
  bytes: Buffer;
  rows: number;
  /** Physical line, counted from 1, on which the first record begins. */
  firstLine: number;
  /** Index of the first record among the data rows of the file, from 0. */
  firstRow: number;
}

/** The first record's fields as they are, but for marks of an `errors.csv`, and what they are separated by. */
export interface CsvHeader {
  header: string[];
  delimiter: Delimiter;
}

interface Records {
  delimiter: Delimiter;
  splitter: RecordSplitter;
}

interface OpenChunk {
  start: number;
  end: number;
  rows: number;
  firstLine: number;
  firstRow: number;
}

/** Cuts one file into its header and then chunks, while it arrives. Holds at most a chunk, the record after it, and the last buffer fed. */
export class ChunkCutter {
  private readonly pending = new PendingBytes();
  private readonly head: HeaderDetector;
  /** Once it is known how to read the header. */
  private records: Records | undefined;
  private open: OpenChunk | undefined;
  private rows = 0;
  private headerSeen = false;

  constructor(private readonly limits: CsvLimits) {
    this.head = new HeaderDetector(limits.maxRecordBytes);
  }

  /**
   * Takes the next text; yields what it completes: the header, once and first, and chunks.
   * @throws CsvRefused for what it shows to be wrong with the file.
   */
  *feed({ bytes, bad }: DecodedText): Generator<CsvHeader | CsvChunk, void, undefined> {
    if (bad) throw this.notText(bytes, bad);
    if (this.records) {
      yield* this.read(this.records, bytes);
    } else {
      const format = this.head.feed(bytes);
      if (format) yield* this.begin(format);
    }
  }

  /** Yields what is left when no more bytes will come. */
  *finish(): Generator<CsvHeader | CsvChunk, void, undefined> {
    const records = this.records ?? (yield* this.begin(this.head.end()));
    records.splitter.end();
    yield* this.drain(records);
    if (this.open) yield this.close(this.open);

    if (!this.headerSeen) throw new CsvRefused('empty_file', 'The file is empty.');
    if (this.rows === 0) throw new CsvRefused('header_only', 'The file has a header but no rows to import.');
  }

  private *begin(format: HeaderFormat): Generator<CsvHeader | CsvChunk, Records, undefined> {
    this.records = { delimiter: format.delimiter, splitter: this.splitterFor(format) };
    yield* this.read(this.records, format.rest);
    return this.records;
  }

  private splitterFor({ delimiter, firstLine }: HeaderFormat): RecordSplitter {
    return new RecordSplitter(this.limits.maxRecordBytes, delimiter, firstLine);
  }

  private *read(records: Records, bytes: Buffer): Generator<CsvHeader | CsvChunk, void, undefined> {
    const { splitter } = records;
    this.pending.append(bytes);
    splitter.feed(bytes);
    yield* this.drain(records);

    const { unfinishedFrom } = splitter;
    // Blank lines make no record that would close the chunk, so they must not keep it growing.
    if (this.open && unfinishedFrom - this.open.start > this.limits.maxChunkBytes)
      yield this.close(this.open);
    this.pending.dropBefore(this.open?.start ?? unfinishedFrom);
  }

  private *drain(records: Records): Generator<CsvHeader | CsvChunk, void, undefined> {
    const { splitter } = records;
    const { limits } = this;
    while (splitter.next()) {
      if (!this.headerSeen) {
        this.headerSeen = true;
        yield this.readHeader(records);
        continue;
      }
      if (this.open && splitter.recordEnd - this.open.start > limits.maxChunkBytes)
        yield this.close(this.open);
      this.open ??= {
        start: splitter.recordStart,
        end: 0,
        rows: 0,
        firstLine: splitter.recordLine,
        firstRow: this.rows,
      };
      this.open.end = splitter.recordEnd;
      this.open.rows++;
      this.rows++;
      if (this.open.rows >= limits.rowsPerChunk) yield this.close(this.open);
    }
  }

  private close({ start, end, rows, firstLine, firstRow }: OpenChunk): CsvChunk {
    this.open = undefined;
    return { bytes: this.pending.slice(start, end), rows, firstLine, firstRow };
  }

  private readHeader({ splitter, delimiter }: Records): CsvHeader {
    const { recordStart, recordEnd, recordLine: line } = splitter;
    const bytes = this.pending.slice(recordStart, recordEnd);
    const header = readFields(recordText(bytes, 0, bytes.length), delimiter);
    if (!(header instanceof MalformedQuotes))
      return { header: isErrorsCsv(header) ? header.map(withoutMark) : header, delimiter };
    throw new CsvRefused(
      'malformed_header',
      `The header has text after the closing quote of column ${header.field + 1}.`,
      { line },
    );
  }

  private notText(before: Buffer, bad: BadText): CsvRefused {
    const line = this.lineAfter(before);
    return new CsvRefused('not_text', `Line ${line} ${NOT_TEXT[bad]}`, { line });
  }

  private lineAfter(bytes: Buffer): number {
    if (this.records) return lineAfter(bytes, this.records.splitter);
    const format = this.head.feed(bytes) ?? this.head.end();
    return lineAfter(format.rest, this.splitterFor(format));
  }
}

const NOT_TEXT: Record<BadText, string> = {
  nul: 'holds a NUL byte: the file is not text, or not saved as UTF-8.',
  'utf-8': 'is not UTF-8; save the file as UTF-8.',
  'windows-1252': 'is neither UTF-8 nor Windows-1252; save the file as UTF-8.',
  'utf-16le': 'holds half a character of UTF-16; save the file as UTF-8.',
  'utf-16be': 'holds half a character of UTF-16; save the file as UTF-8.',
};

function lineAfter(bytes: Buffer, splitter: RecordSplitter): number {
  splitter.feed(bytes);
  while (splitter.next());
  return splitter.line;
}
