import { NOTHING, type DecodedText, type TextDecoding } from './decoded-text';

/** What the bytes 0x80 to 0x9F stand for, a space where it is nothing; all others stand for the same as in Latin-1. */
const FROM_0X80 = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';

const NO_TEXT = /[\0\u0081\u008d\u008f\u0090\u009d]/;

/** Windows-1252, in which Excel saves a CSV in much of the world. */
export class Windows1252Text implements TextDecoding {
  // Not by a TextDecoder: some versions of Node read these bytes as Latin-1.
  decode(bytes: Buffer): DecodedText {
    const latin1 = bytes.toString('latin1');
    const bad = latin1.search(NO_TEXT);
    if (bad === -1) return { bytes: toUtf8(latin1) };
    return { bytes: toUtf8(latin1.slice(0, bad)), bad: bytes[bad] === 0 ? 'nul' : 'windows-1252' };
  }

  end(): DecodedText {
    return { bytes: NOTHING };
  }
}

const toUtf8 = (latin1: string): Buffer =>
  Buffer.from(latin1.replaceAll(/[\u0080-\u009f]/g, (byte) => FROM_0X80[byte.charCodeAt(0) - 0x80] ?? byte));
