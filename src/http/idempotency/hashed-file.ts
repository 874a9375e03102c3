import { createHash } from 'node:crypto';

/** Hashes a file while it is read, once. */
export class HashedFile implements AsyncIterable<Buffer> {
  private readonly hash = createHash('sha256');

  /** @param onBytes called for each piece that arrives */
  constructor(
    private readonly source: AsyncIterable<Buffer>,
    private readonly onBytes: () => void = () => undefined,
  ) {}

  /** Of what was read, in hex. May be asked for once, after the end. */
  sha256(): string {
    return this.hash.digest('hex');
  }

  /** Reads it to its end and keeps nothing. */
  async readThrough(): Promise<string> {
    for await (const bytes of this.source) this.hash.update(bytes);
    return this.sha256();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    for await (const bytes of this.source) {
      this.hash.update(bytes);
      this.onBytes();
      yield bytes;
    }
  }
}
