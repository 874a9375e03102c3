/** Buffers shorter than this are copied together: a buffer object costs far more than a few bytes. */
const SMALL_BYTES = 4096;
const BLOCK_BYTES = 16 * 1024;
const NOTHING = Buffer.alloc(0);

/** The part of a stream that is still needed, addressed by offsets in the stream. */
export class PendingBytes {
  private buffers: Buffer[] = [];
  /** Offset of the first byte kept. */
  private from = 0;
  /** Where small buffers are gathered; the last of `buffers` is its used part. */
  private block = NOTHING;
  private blockUsed = 0;

  /** Keeps large buffers as they are, so the caller must not write to them again. */
  append(bytes: Buffer): void {
    if (bytes.length < SMALL_BYTES) {
      this.gather(bytes);
    } else {
      this.buffers.push(bytes);
      this.block = NOTHING;
    }
  }

  /** The bytes from `start` to `end`, copied only when they lie in more than one buffer. */
  slice(start: number, end: number): Buffer {
    const parts: Buffer[] = [];
    let at = this.from;
    for (const buffer of this.buffers) {
      if (at >= end) break;
      if (at + buffer.length > start) parts.push(buffer.subarray(Math.max(0, start - at), end - at));
      at += buffer.length;
    }
    const [only] = parts;
    return only && parts.length === 1 ? only : Buffer.concat(parts);
  }

  /** Lets go of the buffers that lie wholly before `offset`. */
  dropBefore(offset: number): void {
    let dropped = 0;
    for (const { length } of this.buffers) {
      if (this.from + length > offset) break;
      this.from += length;
      dropped++;
    }
    if (dropped > 0) this.buffers.splice(0, dropped);
    // Never used again from its start: slices of it may still be read.
    if (this.buffers.length === 0) this.block = NOTHING;
  }

  private gather(bytes: Buffer): void {
    if (this.block === NOTHING || this.blockUsed + bytes.length > this.block.length) {
      this.block = Buffer.allocUnsafe(BLOCK_BYTES);
      this.blockUsed = 0;
      this.buffers.push(NOTHING);
    }
    bytes.copy(this.block, this.blockUsed);
    this.blockUsed += bytes.length;
    this.buffers[this.buffers.length - 1] = this.block.subarray(0, this.blockUsed);
  }
}
