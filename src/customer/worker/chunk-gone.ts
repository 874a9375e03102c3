import { UnrecoverableError } from 'bullmq';

/** The bytes of a chunk, or the record of its import, outlived their time in Redis: nothing can bring them back. */
export class ChunkGone extends UnrecoverableError {
  constructor() {
    super('The data of these rows is gone; upload them again.');
  }
}
