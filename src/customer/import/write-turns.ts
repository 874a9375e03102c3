import { Injectable } from '@nestjs/common';
import { Environment } from '../../config/environment';

/** Of the jobs that a worker may run at once, how many may write rows. */
const SHARE = 0.5;

interface Waiting {
  tenantId: string;
  go: () => void;
}

/**
 * Lets half of the chunks that a worker runs write their rows, while the others read, check and report. If all wrote at
 * once they would end at once, too, and a tenant that comes in between would wait for all of them; so one ends after the
 * other. Next is who has the fewest under way: a tenant with one chunk does not wait for those of a tenant with many.
 */
@Injectable()
export class WriteTurns {
  private readonly atOnce: number;
  private readonly waiting: Waiting[] = [];
  private readonly writing: string[] = [];

  constructor({ workerConcurrency }: Environment) {
    this.atOnce = Math.ceil(workerConcurrency * SHARE);
  }

  /** @throws what `write` does */
  async take<T>(tenantId: string, write: () => Promise<T>): Promise<T> {
    if (this.writing.length < this.atOnce) this.writing.push(tenantId);
    else await new Promise<void>((go) => this.waiting.push({ tenantId, go }));
    try {
      return await write();
    } finally {
      this.writing.splice(this.writing.indexOf(tenantId), 1);
      this.letNextGo();
    }
  }

  private letNextGo(): void {
    const counts = this.waiting.map(({ tenantId }) => this.writing.filter((one) => one === tenantId).length);
    const [next] = this.waiting.splice(counts.indexOf(Math.min(...counts)), 1);
    if (!next) return;
    this.writing.push(next.tenantId);
    next.go();
  }
}
