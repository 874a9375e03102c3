import { encodeChunk } from './csv/chunk-codec';

/**
 * The chunks of one file on their way to Redis. One is being stored while the next is read, and the last is held back:
 * it goes with the jobs, so a file of one chunk is stored with them or not at all. Memory holds two of them at most.
 */
export class ArrivingChunks {
  /** How many may be in Redis. */
  sent = 0;
  private held: Buffer | undefined;
  private storing = Promise.resolve();

  constructor(private readonly store: (chunk: number, bytes: Buffer) => Promise<void>) {}

  /** @throws what storing an earlier one threw */
  async add(bytes: Buffer): Promise<void> {
    const before = this.held;
    this.held = encodeChunk(bytes);
    if (!before) return;
    await this.storing;
    this.storing = this.store(this.sent++, before);
    // Whoever waits for it sees it; nobody does when the rest of the file is bad.
    this.storing.catch(() => undefined);
  }

  /** All but the last are stored. @returns the last @throws what storing them threw */
  async last(): Promise<Buffer> {
    await this.storing;
    if (!this.held) throw new Error('The file has no chunk');
    return this.held;
  }
}
