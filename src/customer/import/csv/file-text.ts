import { isAscii, isUtf8 } from 'node:buffer';
import { CsvRefused } from './csv-error';
import { NOTHING, upToNul, type DecodedText, type Encoding, type TextDecoding } from './decoded-text';
import { sequenceBytes, Utf8Text } from './utf8-text';
import { Utf16Text } from './utf16-text';
import { Windows1252Text } from './windows1252-text';

/** Marks at the beginning that tell the encoding. */
const MARKS: readonly { bytes: readonly number[]; encoding: Encoding }[] = [
  { bytes: [0xef, 0xbb, 0xbf], encoding: 'utf-8' },
  { bytes: [0xff, 0xfe], encoding: 'utf-16le' },
  { bytes: [0xfe, 0xff], encoding: 'utf-16be' },
];

const UTF32 = 'The file is UTF-32; save it as "CSV UTF-8".';
const WORKBOOK = 'The file is an Excel workbook or a zip archive; save it as CSV.';

/** First bytes by which people's usual mistakes are known, so that the answer can name the way out. */
const NOT_CSV: readonly { bytes: readonly number[]; message: string }[] = [
  { bytes: [0xff, 0xfe, 0, 0], message: UTF32 },
  { bytes: [0, 0, 0xfe, 0xff], message: UTF32 },
  { bytes: [0x50, 0x4b, 0x03, 0x04], message: WORKBOOK },
  { bytes: [0xd0, 0xcf, 0x11, 0xe0], message: 'The file is an old Excel workbook; save it as CSV.' },
  { bytes: [0x1f, 0x8b], message: 'The file is compressed with gzip; send it with Content-Encoding: gzip.' },
  { bytes: [0x25, 0x50, 0x44, 0x46], message: 'The file is a PDF.' },
  { bytes: [0x89, 0x50, 0x4e, 0x47], message: 'The file is an image.' },
  { bytes: [0xff, 0xd8, 0xff], message: 'The file is an image.' },
];
const SIGNATURE_BYTES = 4;

/**
 * The text of a file as UTF-8 without a mark. What has no mark is UTF-8 when its first character beyond ASCII is, and
 * Windows-1252 otherwise; what comes later must be the same.
 */
export class FileText implements TextDecoding {
  private decoding: TextDecoding | undefined;
  private found: Encoding = 'utf-8';
  private isBegun = false;
  /** What can't be told yet: the file's first bytes, later those of its first character beyond ASCII. */
  private carried = NOTHING;

  /** As far as the text was read; one of nothing but ASCII is UTF-8. */
  get encoding(): Encoding {
    return this.found;
  }

  /** @throws CsvRefused `not_text` when the first bytes are those of another kind of file */
  decode(bytes: Buffer): DecodedText {
    if (this.decoding) return this.decoding.decode(bytes);
    const all = this.carried.length === 0 ? bytes : Buffer.concat([this.carried, bytes]);
    this.carried = NOTHING;
    if (this.isBegun) return this.go(all, false);
    if (all.length >= SIGNATURE_BYTES) return this.begin(all, false);
    this.carried = Buffer.from(all);
    return { bytes: NOTHING };
  }

  /** @throws CsvRefused as `decode` does */
  end(): DecodedText {
    const left = this.carried;
    this.carried = NOTHING;
    const text = this.isBegun ? this.go(left, true) : this.begin(left, true);
    if (text.bad || !this.decoding) return text;
    const last = this.decoding.end();
    return { ...last, bytes: Buffer.concat([text.bytes, last.bytes]) };
  }

  private begin(head: Buffer, isAll: boolean): DecodedText {
    this.isBegun = true;
    const startsWith = ({ bytes }: { bytes: readonly number[] }): boolean =>
      bytes.every((byte, i) => head[i] === byte);
    const other = NOT_CSV.find(startsWith);
    if (other) throw new CsvRefused('not_text', other.message, { line: 1 });
    const mark = MARKS.find(startsWith);
    if (!mark) return this.go(head, isAll);
    return this.decideOn(mark.encoding).decode(head.subarray(mark.bytes.length));
  }

  private go(bytes: Buffer, isAll: boolean): DecodedText {
    if (this.decoding) return this.decoding.decode(bytes);
    if (isAscii(bytes)) return upToNul(bytes);
    const at = bytes.findIndex((byte) => byte >= 0x80);
    const isUtf = beginsWithUtf8(bytes.subarray(at), isAll);
    if (isUtf !== undefined) return this.decideOn(isUtf ? 'utf-8' : 'windows-1252').decode(bytes);
    this.carried = Buffer.from(bytes.subarray(at));
    return upToNul(bytes.subarray(0, at));
  }

  private decideOn(encoding: Encoding): TextDecoding {
    this.found = encoding;
    this.decoding = decodingOf(encoding);
    return this.decoding;
  }
}

/** Whether the first character is UTF-8; undefined while that can't be told. */
function beginsWithUtf8(bytes: Buffer, isAll: boolean): boolean | undefined {
  const length = sequenceBytes(bytes[0] ?? 0);
  if (bytes.length >= length) return length > 0 && isUtf8(bytes.subarray(0, length));
  const isCut = bytes.subarray(1).every((byte) => (byte & 0xc0) === 0x80);
  return isCut && !isAll ? undefined : false;
}

function decodingOf(encoding: Encoding): TextDecoding {
  switch (encoding) {
    case 'utf-8':
      return new Utf8Text();
    case 'windows-1252':
      return new Windows1252Text();
    case 'utf-16le':
    case 'utf-16be':
      return new Utf16Text(encoding);
  }
}
