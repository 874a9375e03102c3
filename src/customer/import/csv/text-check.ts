import { isUtf8 } from 'node:buffer';
import { CR, LF } from './csv-bytes';
import { CsvRefused } from './csv-error';

const UTF8_BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** First bytes by which people's usual mistakes are known, so that the answer can name the way out. */
const NOT_CSV: readonly { bytes: readonly number[]; message: string }[] = [
  { bytes: [0xff, 0xfe], message: 'The file is UTF-16, not UTF-8; save it as "CSV UTF-8".' },
  { bytes: [0xfe, 0xff], message: 'The file is UTF-16, not UTF-8; save it as "CSV UTF-8".' },
  {
    bytes: [0x50, 0x4b, 0x03, 0x04],
    message: 'The file is an Excel workbook or a zip archive; save it as CSV.',
  },
  { bytes: [0x1f, 0x8b], message: 'The file is compressed with gzip; send it with Content-Encoding: gzip.' },
];
const SIGNATURE_BYTES = 4;

/**
 * The source without a UTF-8 byte order mark.
 * @throws CsvRefused `not_text` when the first bytes are those of another kind of file.
 */
export async function* withoutByteOrderMark(
  source: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer, void, undefined> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const bytes of source) {
    if (head === undefined) {
      yield bytes;
      continue;
    }
    head = head.length === 0 ? bytes : Buffer.concat([head, bytes]);
    if (head.length < SIGNATURE_BYTES) continue;
    yield afterSignature(head);
    head = undefined;
  }
  if (head !== undefined) yield afterSignature(head);
}

function afterSignature(head: Buffer): Buffer {
  const startsWith = (signature: readonly number[]): boolean =>
    signature.every((byte, i) => head[i] === byte);
  const other = NOT_CSV.find(({ bytes }) => startsWith(bytes));
  if (other) throw new CsvRefused('not_text', other.message, { line: 1 });
  return startsWith([...UTF8_BOM]) ? head.subarray(UTF8_BOM.length) : head;
}

/** Where and why a buffer is not text; `index` is that of the bad byte or of the line that holds it. */
export interface BadText {
  index: number;
  why: 'nul' | 'not_utf8';
}

/** Checks a stream of buffers to be UTF-8 without NUL bytes; a sequence may be cut in two between buffers. */
export class TextCheck {
  private carried: Buffer = Buffer.alloc(0);

  check(bytes: Buffer): BadText | undefined {
    const nul = bytes.indexOf(0);
    const badUtf8 = this.checkUtf8(bytes);
    if (nul !== -1 && (badUtf8 === undefined || nul < badUtf8)) return { index: nul, why: 'nul' };
    return badUtf8 === undefined ? undefined : { index: badUtf8, why: 'not_utf8' };
  }

  /** False when the stream ended within a character. */
  get complete(): boolean {
    return this.carried.length === 0;
  }

  private checkUtf8(bytes: Buffer): number | undefined {
    const carriedBytes = this.carried.length;
    const text = carriedBytes === 0 ? bytes : Buffer.concat([this.carried, bytes]);
    const whole = text.subarray(0, text.length - unfinishedBytes(text));
    if (!isUtf8(whole)) return Math.max(0, startOfBadLine(whole) - carriedBytes);
    this.carried = Buffer.from(text.subarray(whole.length));
    return undefined;
  }
}

/** Bytes at the end that begin a character without finishing it: 0 to 3. */
function unfinishedBytes(text: Buffer): number {
  for (let back = 1; back <= Math.min(3, text.length); back++) {
    const byte = text[text.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const sequenceBytes = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return sequenceBytes > back ? back : 0;
  }
  return 0;
}

function startOfBadLine(text: Buffer): number {
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== LF && text[i] !== CR) continue;
    if (!isUtf8(text.subarray(start, i))) break;
    start = i + 1;
  }
  return start;
}
