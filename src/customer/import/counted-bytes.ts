import { UploadRefused } from './upload-refused';
import type { UploadTurns } from './upload-turns';

/** Counts what passes, stops at the limit, and hands each buffer on when it is the upload's turn. */
export class CountedBytes implements AsyncIterable<Buffer> {
  bytes = 0;

  constructor(
    private readonly source: AsyncIterable<Buffer>,
    private readonly maxBytes: number,
    private readonly turns: UploadTurns,
  ) {}

  /** @throws UploadRefused */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    for await (const bytes of this.source) {
      this.bytes += bytes.length;
      if (this.bytes > this.maxBytes)
        throw new UploadRefused(413, `The file is larger than ${this.maxBytes} bytes.`);
      await this.turns.next();
      yield bytes;
    }
  }
}
