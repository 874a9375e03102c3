import { UploadRefused } from './upload-refused';

/** Counts what passes, and stops at the limit. */
export class CountedBytes implements AsyncIterable<Buffer> {
  bytes = 0;

  constructor(
    private readonly source: AsyncIterable<Buffer>,
    private readonly maxBytes: number,
  ) {}

  /** @throws UploadRefused */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    for await (const bytes of this.source) {
      this.bytes += bytes.length;
      if (this.bytes > this.maxBytes)
        throw new UploadRefused(413, `The file is larger than ${this.maxBytes} bytes.`);
      yield bytes;
    }
  }
}
