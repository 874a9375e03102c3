import { CsvRefused } from './csv-error';
import type { CsvLimits } from './csv-limits';
import { PendingBytes } from './pending-bytes';
import { readFields, recordText, MalformedQuotes } from './record-fields';
import { RecordSplitter } from './record-splitter';
import { TextCheck, type BadText } from './text-check';

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

/** The first record's fields as they are. */
export interface CsvHeader {
  header: string[];
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
  private readonly text = new TextCheck();
  private readonly pending = new PendingBytes();
  private readonly splitter: RecordSplitter;
  private open: OpenChunk | undefined;
  private rows = 0;
  private headerSeen = false;

  constructor(private readonly limits: CsvLimits) {
    this.splitter = new RecordSplitter(limits.maxRecordBytes);
  }

  /**
   * Takes the next bytes; yields what they complete: the header, once and first, and chunks.
   * @throws CsvRefused for what the bytes show to be wrong with the file.
   */
  *feed(bytes: Buffer): Generator<CsvHeader | CsvChunk, void, undefined> {
    const bad = this.text.check(bytes);
    if (bad) throw this.notText(bytes, bad);
    this.pending.append(bytes);
    this.splitter.feed(bytes);
    yield* this.drain();

    const unfinishedFrom = this.splitter.unfinishedFrom;
    // Blank lines make no record that would close the chunk, so they must not keep it growing.
    if (this.open && unfinishedFrom - this.open.start > this.limits.maxChunkBytes)
      yield this.close(this.open);
    this.pending.dropBefore(this.open?.start ?? unfinishedFrom);
  }

  /** Yields what is left when no more bytes will come. */
  *finish(): Generator<CsvHeader | CsvChunk, void, undefined> {
    if (!this.text.complete) throw notUtf8(this.splitter.line);
    this.splitter.end();
    yield* this.drain();
    if (this.open) yield this.close(this.open);

    if (!this.headerSeen) throw new CsvRefused('empty_file', 'The file is empty.');
    if (this.rows === 0) throw new CsvRefused('header_only', 'The file has a header but no rows to import.');
  }

  private *drain(): Generator<CsvHeader | CsvChunk, void, undefined> {
    const { splitter, limits } = this;
    while (splitter.next()) {
      if (!this.headerSeen) {
        this.headerSeen = true;
        yield { header: this.readHeader() };
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

  private readHeader(): string[] {
    const { recordStart, recordEnd, recordLine: line } = this.splitter;
    const bytes = this.pending.slice(recordStart, recordEnd);
    const fields = readFields(recordText(bytes, 0, bytes.length));
    if (!(fields instanceof MalformedQuotes)) return fields;
    throw new CsvRefused(
      'malformed_header',
      `The header has text after the closing quote of column ${fields.field + 1}.`,
      { line },
    );
  }

  /** Reads on up to the bad byte, for its line. */
  private notText(bytes: Buffer, { index, why }: BadText): CsvRefused {
    const { splitter } = this;
    splitter.feed(bytes.subarray(0, index));
    while (splitter.next());
    if (why === 'not_utf8') return notUtf8(splitter.line);
    return new CsvRefused(
      'not_text',
      `Line ${splitter.line} holds a NUL byte: the file is not text, or not saved as UTF-8.`,
      { line: splitter.line },
    );
  }
}

function notUtf8(line: number): CsvRefused {
  return new CsvRefused('not_text', `Line ${line} is not UTF-8; save the file as UTF-8.`, { line });
}
