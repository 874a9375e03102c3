import { NOTHING, type DecodedText, type TextDecoding } from './decoded-text';

/** UTF-16, after its byte order mark. */
export class Utf16Text implements TextDecoding {
  private carried = NOTHING;

  constructor(private readonly encoding: 'utf-16le' | 'utf-16be') {}

  decode(bytes: Buffer): DecodedText {
    const all = Buffer.concat([this.carried, bytes]);
    const whole = all.length - (all.length % 2);
    const text = this.toText(all.subarray(0, whole));
    // The other half of its last character may be in the next buffer.
    const kept = isHigh(text.charCodeAt(text.length - 1)) ? text.length - 1 : text.length;
    this.carried = all.subarray(kept * 2);
    return this.upToBad(text.slice(0, kept));
  }

  end(): DecodedText {
    return this.carried.length === 0 ? { bytes: NOTHING } : { bytes: NOTHING, bad: this.encoding };
  }

  private toText(bytes: Buffer): string {
    if (this.encoding === 'utf-16be') bytes.swap16();
    const text = bytes.toString('utf16le');
    // What is carried is read again.
    if (this.encoding === 'utf-16be') bytes.swap16();
    return text;
  }

  private upToBad(text: string): DecodedText {
    const nul = text.indexOf('\0');
    const half = text.isWellFormed() ? -1 : text.search(/\p{Surrogate}/u);
    if (nul === -1 && half === -1) return { bytes: Buffer.from(text) };
    const isNul = nul !== -1 && (half === -1 || nul < half);
    return { bytes: Buffer.from(text.slice(0, isNul ? nul : half)), bad: isNul ? 'nul' : this.encoding };
  }
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;
