import type { OnModuleDestroy } from '@nestjs/common';
import type { Queue } from 'bullmq';
import type { Environment } from '../config/environment';
import type { Logger } from '../logging/logger';
import { inTime } from '../timing/in-time';
import { oneAtATime } from '../timing/one-at-a-time';
import type { Liveness } from './liveness';

/** Looks within the time after which a worker counts as wedged. */
const LOOKS = 12;
const MAX_LOOK_EVERY_MS = 5_000;

/**
 * Notices a worker that runs, and has work, and takes none: only a restart mends that. Not wedged is who works, who has
 * nothing to do, whose queue is paused, and who can't see the queue.
 */
export class WorkerPulse implements OnModuleDestroy {
  private taken = 0;
  private worked = 0;
  private countedAtMs = performance.now();
  /** When work was first seen that nobody here took, and has been at every look since, in ms. */
  private idleSinceMs: number | undefined;
  private timer: NodeJS.Timeout | undefined;
  private reported = false;
  private readonly hasWork = oneAtATime(() => this.countWork());

  constructor(
    private readonly queue: Queue,
    private readonly environment: Environment,
    private readonly liveness: Liveness,
    private readonly logger: Logger,
  ) {}

  /** Jobs that are being done now. */
  get active(): number {
    return this.taken;
  }

  /**
   * What all jobs have taken so far, those under way included, in ms: what it grows by, over the time in which it does,
   * is how many ran on average.
   */
  get workedMs(): number {
    const now = performance.now();
    this.worked += this.taken * (now - this.countedAtMs);
    this.countedAtMs = now;
    return this.worked;
  }

  /** The worker takes jobs from now on. */
  running(): void {
    if (this.timer) return;
    this.liveness.watch(() => (this.isWedged() ? 'The worker has work and takes none' : undefined));
    const everyMs = Math.min(MAX_LOOK_EVERY_MS, this.environment.workerWedgedAfterMs / LOOKS);
    this.timer = setInterval(() => void this.look(), everyMs).unref();
  }

  /** A job was taken. */
  began(): void {
    this.count(1);
    this.idleSinceMs = undefined;
  }

  /** A job was finished, well or not. */
  ended(): void {
    this.count(-1);
    this.idleSinceMs = undefined;
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
    this.idleSinceMs = undefined;
  }

  private count(change: 1 | -1): void {
    this.worked = this.workedMs;
    this.taken += change;
  }

  private isWedged(): boolean {
    const { workerWedgedAfterMs } = this.environment;
    return this.idleSinceMs !== undefined && performance.now() - this.idleSinceMs > workerWedgedAfterMs;
  }

  private async look(): Promise<void> {
    const lookedAtMs = performance.now();
    const hasWork = await this.seesWork();
    if (!hasWork || this.taken > 0) this.idleSinceMs = undefined;
    else this.idleSinceMs ??= lookedAtMs;
    if (!this.isWedged()) this.reported = false;
    else if (!this.reported) {
      this.reported = true;
      const { workerWedgedAfterMs } = this.environment;
      this.logger.error({ workerWedgedAfterMs }, 'Worker has work and takes none: no longer live');
    }
  }

  /** Who can't see the queue does not know. */
  private async seesWork(): Promise<boolean> {
    try {
      return await inTime(this.environment.redis.commandTimeoutMs, this.hasWork());
    } catch (error) {
      this.logger.debug({ err: error }, 'Work could not be counted');
      return false;
    }
  }

  private async countWork(): Promise<boolean> {
    const [isPaused, count] = await Promise.all([
      this.queue.isPaused(),
      this.queue.getJobCountByTypes('waiting', 'prioritized'),
    ]);
    return !isPaused && count > 0;
  }
}
