import type { Logger } from '../../logging/logger';
import { KeyInUse } from './key-in-use';
import type { Claim, IdempotencyRecords } from './idempotency-records';

/** A caller who sends nothing for so long, in ms, may be gone: another request with the key may take over. */
const MAX_SILENCE_MS = 60_000;

/** Keeps a claim while its request is being worked on, and is heard of. */
export class Lease {
  private readonly timer: NodeJS.Timeout;
  private heardAt = Date.now();
  private lost = false;

  constructor(
    private readonly records: IdempotencyRecords,
    private readonly claim: Claim,
    private readonly logger: Logger,
  ) {
    this.timer = setInterval(() => void this.renew(), claim.leaseMs / 3).unref();
  }

  /** @throws KeyInUse when another request took over meanwhile: nothing more may be stored under its id */
  heard(): void {
    if (this.lost) throw new KeyInUse(this.claim.leaseMs);
    this.heardAt = Date.now();
  }

  end(): void {
    clearInterval(this.timer);
  }

  private async renew(): Promise<void> {
    if (Date.now() - this.heardAt > MAX_SILENCE_MS) return;
    try {
      this.lost = !(await this.records.renew(this.claim));
    } catch (error) {
      this.logger.debug({ err: error }, 'The claim of an idempotency key was not renewed');
    }
  }
}
