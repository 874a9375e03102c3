import { CR, LF, QUOTE } from './csv-bytes';
import { CsvRefused } from './csv-error';
import type { Delimiter } from './delimiter';
import { UpcomingByte } from './upcoming-byte';

type State = 'between' | 'unquoted' | 'quoted' | 'quote_in_quoted' | 'after_cr';

/**
 * Finds where records begin and end in a stream of CSV bytes (RFC 4180). It keeps positions, never bytes.
 *
 * A quote opens a quoted field only as the first byte of a field; anywhere else outside quotes it is an ordinary
 * byte. Outside quotes a record ends at `\n`, `\r\n` or a lone `\r`. Blank lines are no records.
 *
 * Use: `feed(bytes)`, then `next()` until it is false, and so on; after the last bytes `end()`, then `next()` again.
 * While `next()` is true, `recordStart`, `recordEnd` and `recordLine` describe the record it found.
 */
export class RecordSplitter {
  /** Offset in the stream of the record's first byte. */
  recordStart = 0;
  /** Offset just after the record, its line end included. */
  recordEnd = 0;
  /** Physical line on which the record begins. */
  recordLine: number;

  private readonly lineFeeds = new UpcomingByte(LF);
  private readonly carriageReturns = new UpcomingByte(CR);
  private readonly quotes = new UpcomingByte(QUOTE);
  private readonly delimiter: number;
  private bytes: Buffer = Buffer.alloc(0);
  private position = 0;
  /** Offset in the stream of `bytes[0]`. */
  private base = 0;
  /** Last byte of the buffer before this one: `\r\n` and `,"` may be cut in two. */
  private lastByte = -1;
  private currentLine: number;
  private quoteLine = 0;
  private state: State = 'between';
  private ended = false;

  constructor(
    private readonly maxRecordBytes: number,
    delimiter: Delimiter,
    firstLine = 1,
  ) {
    this.delimiter = delimiter.charCodeAt(0);
    this.currentLine = firstLine;
    this.recordLine = firstLine;
  }

  /** Physical line of the next byte; line ends inside quotes count too. */
  get line(): number {
    return this.currentLine;
  }

  /** Offset of the first byte that belongs to no finished record and no blank line. */
  get unfinishedFrom(): number {
    return this.state === 'between' ? this.base + this.position : this.recordStart;
  }

  /** Call only when `next()` has returned false. */
  feed(bytes: Buffer): void {
    this.lastByte = this.bytes.at(-1) ?? this.lastByte;
    this.base += this.bytes.length;
    this.bytes = bytes;
    this.position = 0;
    this.lineFeeds.reset(bytes);
    this.carriageReturns.reset(bytes);
    this.quotes.reset(bytes);
  }

  /** No more bytes will come. */
  end(): void {
    this.ended = true;
  }

  /**
   * Moves to the next whole record. False: feed more, or, after `end()`, that was all.
   * @throws CsvRefused `record_too_long` as soon as a record exceeds the limit; `unclosed_quote` at the end.
   */
  next(): boolean {
    while (this.position < this.bytes.length) {
      if (this.step()) return this.found();
    }
    if (this.ended) return this.finish();
    if (this.state !== 'between') this.checkLength(this.base + this.position);
    return false;
  }

  /** Reads on until the state changes or the bytes end; true when a record ended just before `position`. */
  private step(): boolean {
    switch (this.state) {
      case 'between':
        return this.skipBlankLines() && this.readPlain();
      case 'unquoted':
        return this.readUnquoted();
      case 'quoted':
        this.readQuoted();
        return false;
      case 'quote_in_quoted':
        this.readAfterQuote();
        return false;
      case 'after_cr':
        if (this.bytes[this.position] === LF) this.position++;
        return true;
    }
  }

  /** True when a record begins at `position`. */
  private skipBlankLines(): boolean {
    for (; this.position < this.bytes.length; this.position++) {
      const byte = this.bytes[this.position];
      if (byte !== CR && byte !== LF) {
        this.recordStart = this.base + this.position;
        this.recordLine = this.currentLine;
        this.state = 'unquoted';
        return true;
      }
      this.countLineEnd(this.position);
    }
    return false;
  }

  /** Most records have no quotes and end in this buffer: the native search finds their end several times faster. */
  private readPlain(): boolean {
    const lineEnd = Math.min(this.lineFeeds.from(this.position), this.carriageReturns.from(this.position));
    if (this.quotes.from(this.position) < lineEnd) return false;
    this.position = lineEnd;
    return lineEnd < this.bytes.length && this.endLine();
  }

  // The loops below work on locals, which is faster than on fields.

  private readUnquoted(): boolean {
    const { bytes } = this;
    for (let i = this.position; i < bytes.length; i++) {
      const byte = bytes[i] ?? 0;
      if (byte > QUOTE) continue;
      if (byte === LF || byte === CR) {
        this.position = i;
        return this.endLine();
      }
      if (byte === QUOTE && this.startsField(i)) {
        this.quoteLine = this.currentLine;
        this.state = 'quoted';
        this.position = i + 1;
        return false;
      }
    }
    this.position = bytes.length;
    return false;
  }

  private readQuoted(): void {
    const { bytes } = this;
    for (let i = this.position; i < bytes.length; i++) {
      const byte = bytes[i] ?? 0;
      if (byte > QUOTE) continue;
      if (byte === LF || byte === CR) this.countLineEnd(i);
      if (byte === QUOTE) {
        this.state = 'quote_in_quoted';
        this.position = i + 1;
        return;
      }
    }
    this.position = bytes.length;
  }

  /** A second quote is an escaped one; anything else follows a closed field, and is judged by whoever reads the row. */
  private readAfterQuote(): void {
    if (this.bytes[this.position] === QUOTE) {
      this.position++;
      this.state = 'quoted';
    } else {
      this.state = 'unquoted';
    }
  }

  /** Passes the line end at `position`; false while a `\n` may still follow its `\r`. */
  private endLine(): boolean {
    this.currentLine++;
    if (this.bytes[this.position++] === LF) return true;
    this.state = 'after_cr';
    return false;
  }

  private countLineEnd(index: number): void {
    if (this.bytes[index] === CR || this.byteBefore(index) !== CR) this.currentLine++;
  }

  private startsField(index: number): boolean {
    return this.base + index === this.recordStart || this.byteBefore(index) === this.delimiter;
  }

  private byteBefore(index: number): number | undefined {
    return index > 0 ? this.bytes[index - 1] : this.lastByte;
  }

  private found(): true {
    this.recordEnd = this.base + this.position;
    this.checkLength(this.recordEnd);
    this.state = 'between';
    return true;
  }

  private finish(): boolean {
    if (this.state === 'between') return false;
    if (this.state === 'quoted') {
      throw new CsvRefused('unclosed_quote', `A quote opened on line ${this.quoteLine} is never closed.`, {
        line: this.quoteLine,
      });
    }
    return this.found();
  }

  private checkLength(end: number): void {
    if (end - this.recordStart <= this.maxRecordBytes) return;
    const hint = this.state === 'quoted' ? ` Is the quote opened on line ${this.quoteLine} ever closed?` : '';
    throw new CsvRefused(
      'record_too_long',
      `The record that starts on line ${this.recordLine} is longer than ${this.maxRecordBytes} bytes.${hint}`,
      { line: this.recordLine },
    );
  }
}
