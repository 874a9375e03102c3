export const ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** Why bytes are not text: a NUL, or something that their encoding does not have. */
export type BadText = 'nul' | Encoding;

/** A part of a file as UTF-8. */
export interface DecodedText {
  bytes: Buffer;
  /** What follows `bytes`, in the same line, is not text. */
  bad?: BadText;
}

/** Turns a stream of buffers into UTF-8; a character may be cut in two between buffers. */
export interface TextDecoding {
  decode(bytes: Buffer): DecodedText;
  /** No more bytes will come. */
  end(): DecodedText;
}

export const NOTHING: Buffer = Buffer.alloc(0);

/** The bytes as they are, up to a NUL: those of every encoding but UTF-16 have none. */
export function upToNul(bytes: Buffer): DecodedText {
  const nul = bytes.indexOf(0);
  return nul === -1 ? { bytes } : { bytes: bytes.subarray(0, nul), bad: 'nul' };
}
