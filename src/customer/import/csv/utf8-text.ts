import { isUtf8 } from 'node:buffer';
import { CR, LF } from './csv-bytes';
import { NOTHING, upToNul, type DecodedText, type TextDecoding } from './decoded-text';

/** UTF-8, checked and handed on as it is. */
export class Utf8Text implements TextDecoding {
  private carried = NOTHING;

  decode(bytes: Buffer): DecodedText {
    const badUtf8 = this.check(bytes);
    const text = upToNul(bytes);
    if (badUtf8 === undefined || text.bytes.length < badUtf8) return text;
    return { bytes: bytes.subarray(0, badUtf8), bad: 'utf-8' };
  }

  end(): DecodedText {
    return this.carried.length === 0 ? { bytes: NOTHING } : { bytes: NOTHING, bad: 'utf-8' };
  }

  /** @returns the index of the bad line, if there is one */
  private check(bytes: Buffer): number | undefined {
    const carriedBytes = this.carried.length;
    const text = carriedBytes === 0 ? bytes : Buffer.concat([this.carried, bytes]);
    const whole = text.subarray(0, text.length - unfinishedBytes(text));
    if (!isUtf8(whole)) return Math.max(0, startOfBadLine(whole) - carriedBytes);
    this.carried = Buffer.from(text.subarray(whole.length));
    return undefined;
  }
}

/** Bytes of the character that begins with this one; 0 when none does. */
export function sequenceBytes(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
}

/** Bytes at the end that begin a character without finishing it: 0 to 3. */
function unfinishedBytes(text: Buffer): number {
  for (let back = 1; back <= Math.min(3, text.length); back++) {
    const byte = text[text.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    return sequenceBytes(byte) > back ? back : 0;
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
