/**
 * Where one byte value next occurs in a buffer. Remembers the answer until the reader has passed it, so that
 * scanning a buffer costs one native search per occurrence and never looks at a byte twice.
 */
export class UpcomingByte {
  private bytes: Buffer = Buffer.alloc(0);
  private at = -1;

  constructor(private readonly value: number) {}

  reset(bytes: Buffer): void {
    this.bytes = bytes;
    this.at = -1;
  }

  /** Index of the first occurrence at or after `position`, the buffer's length if there is none. Positions only grow. */
  from(position: number): number {
    if (this.at < position) {
      this.at = this.search(position);
    }
    return this.at;
  }

  private search(position: number): number {
    // Spares the native call where the byte is dense, as in a file of nothing but quotes.
    if (this.bytes[position] === this.value) return position;
    const found = this.bytes.indexOf(this.value, position);
    return found === -1 ? this.bytes.length : found;
  }
}
