import { Injectable } from '@nestjs/common';

/** How many take their step in one turn of the event loop: some ms of work, and what they send goes together. */
const AT_ONCE = 8;

/**
 * Lets uploads that come at once go on side by side: each takes a step, then it is the next one's turn. In between the
 * process does all else that waits, so a thousand uploads keep nobody waiting for the last of them, and a large file
 * takes no more at a time than a small one. Alone, an upload goes on at once.
 */
@Injectable()
export class UploadTurns {
  private readonly waiting: (() => void)[] = [];

  /** Resolves when the caller may take its next step. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      if (this.waiting.push(resolve) === 1) this.letSomeGo();
    });
  }

  private letSomeGo(): void {
    setImmediate(() => {
      for (const go of this.waiting.splice(0, AT_ONCE)) go();
      if (this.waiting.length > 0) this.letSomeGo();
    });
  }
}
