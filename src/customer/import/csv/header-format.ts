import { CUSTOMER_FIELDS, fieldNamed, REQUIRED_FIELDS } from './column-names';
import { CsvRefused } from './csv-error';
import { DELIMITERS, isDelimiter, type Delimiter } from './delimiter';
import { isOwnFile } from './own-files';
import { PendingBytes } from './pending-bytes';
import { fieldMeant } from './proposed-mapping';
import { MalformedQuotes, readFields, recordText } from './record-fields';
import { RecordSplitter } from './record-splitter';

/** How a file is to be read, as its beginning tells. */
export interface HeaderFormat {
  delimiter: Delimiter;
  /** The bytes so far, without a line that only names the delimiter. */
  rest: Buffer;
  /** Physical line, counted from 1, on which they begin. */
  firstLine: number;
}

/** Excel's own first line, quoted by some who write it. */
const SEPARATOR_LINE = /^"?sep=(.)"?$/i;

/** More important ones first. */
type Score = [required: number, known: number, meant: number, columns: number];

/** That of a header that can't be read: no better than one column of an unknown name. */
const UNREADABLE: Score = [0, 0, 0, 1];
/** Columns of a header that is looked at: a line of a million commas is none. */
const MOST_COMPARED = 1_000;

/** Bytes of blank lines that are kept before a header. */
const MOST_BLANK_BYTES = 64 * 1024;

/**
 * Finds out which delimiter a file has. A quote opens a cell only after a delimiter, so where the header ends depends
 * on it. So the header is read with one after the other: the first that finds all required columns, or those of a
 * file of ours, is right, or else the one that finds the most known columns, or else the most columns.
 */
export class HeaderDetector {
  private head = new PendingBytes();
  private headBytes = 0;
  private firstLine = 1;
  private tried = 0;
  private splitter: RecordSplitter;
  private best: { delimiter: Delimiter; score: Score } = { delimiter: ',', score: UNREADABLE };

  constructor(private readonly maxRecordBytes: number) {
    this.splitter = new RecordSplitter(maxRecordBytes, ',');
  }

  /**
   * Takes the next bytes.
   * @returns how to read what was fed, once it is known
   * @throws CsvRefused when the file names a delimiter that it can't have
   */
  feed(bytes: Buffer): HeaderFormat | undefined {
    this.head.append(bytes);
    this.headBytes += bytes.length;
    this.splitter.feed(bytes);
    const format = this.read(false);
    if (!format) this.dropBlankLines();
    return format;
  }

  /** The same when no more bytes will come. */
  end(): HeaderFormat {
    return this.read(true) ?? this.choose(this.best.delimiter);
  }

  private read(isAll: boolean): HeaderFormat | undefined {
    for (;;) {
      const delimiter = DELIMITERS[this.tried];
      if (delimiter === undefined) return this.choose(this.best.delimiter);
      const header = this.header(isAll);
      if (header === undefined) return undefined;
      const named = SEPARATOR_LINE.exec(header)?.[1];
      if (named !== undefined) return this.afterSeparatorLine(named);
      const score = scoreOf(header, delimiter);
      if (isMore(score, this.best.score)) this.best = { delimiter, score };
      if (score[0] === REQUIRED_FIELDS.length) return this.choose(delimiter);
      this.goOnWith(DELIMITERS[++this.tried]);
    }
  }

  /** The first record, '' when it can't be read; undefined while there is more to come. */
  private header(isAll: boolean): string | undefined {
    const { splitter } = this;
    if (isAll) splitter.end();
    try {
      if (splitter.next()) return recordText(this.bytes(), splitter.recordStart, splitter.recordEnd);
    } catch (error) {
      // Told by who reads it with the delimiter that is chosen.
      if (error instanceof CsvRefused) return '';
      throw error;
    }
    return isAll ? '' : undefined;
  }

  private goOnWith(delimiter: Delimiter | undefined): void {
    if (delimiter === undefined) return;
    this.splitter = new RecordSplitter(this.maxRecordBytes, delimiter, this.firstLine);
    this.splitter.feed(this.bytes());
  }

  private choose(delimiter: Delimiter): HeaderFormat {
    return { delimiter, rest: this.bytes(), firstLine: this.firstLine };
  }

  private afterSeparatorLine(delimiter: string): HeaderFormat {
    const { recordEnd, recordLine, line: firstLine } = this.splitter;
    if (isDelimiter(delimiter)) return { delimiter, rest: this.bytes().subarray(recordEnd), firstLine };
    throw new CsvRefused(
      'malformed_header',
      'The first line names a separator that is not a comma, semicolon, tab or vertical bar.',
      { line: recordLine },
    );
  }

  /** Blank lines may come for ever, and say nothing; the last byte is kept, since a `\n` may follow its `\r`. */
  private dropBlankLines(): void {
    const { splitter, headBytes } = this;
    if (headBytes < MOST_BLANK_BYTES || splitter.unfinishedFrom < headBytes) return;
    const last = Buffer.from(this.head.slice(headBytes - 1, headBytes));
    this.firstLine = splitter.line - 1;
    this.head = new PendingBytes();
    this.head.append(last);
    this.headBytes = 1;
    this.goOnWith(DELIMITERS[this.tried]);
    // The byte that is fed again makes no record; it has to be read before more can be fed.
    this.splitter.next();
  }

  private bytes(): Buffer {
    return this.head.slice(0, this.headBytes);
  }
}

function scoreOf(header: string, delimiter: Delimiter): Score {
  const fields = readFields(header, delimiter);
  if (fields instanceof MalformedQuotes) return UNREADABLE;
  if (fields.length > MOST_COMPARED) return [0, 0, 0, fields.length];
  const known = new Set(fields.map(fieldNamed));
  const required = REQUIRED_FIELDS.filter((field) => known.has(field)).length;
  const isSure = required === REQUIRED_FIELDS.length || isOwnFile(fields);
  if (isSure) return [REQUIRED_FIELDS.length, 0, 0, 0];
  const meant = new Set(fields.map(fieldMeant));
  const among = (found: ReadonlySet<unknown>): number =>
    CUSTOMER_FIELDS.filter((field) => found.has(field)).length;
  return [required, among(known), among(meant), fields.length];
}

function isMore(score: Score, than: Score): boolean {
  const at = score.findIndex((points, index) => points !== than[index]);
  return at !== -1 && (score[at] ?? 0) > (than[at] ?? 0);
}
