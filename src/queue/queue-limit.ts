import { setImmediate } from 'node:timers/promises';
import type { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import type { Environment } from '../config/environment';
import { oneAtATime } from '../timing/one-at-a-time';
import { drainTimeS } from './drain-time';
import { QueueFull } from './queue-full';
import { answerInTime, QueueUnavailable } from './queue-unavailable';
import { RedisFitness } from './redis-fitness';
import { RedisMemory } from './redis-memory';
import { throughput } from './throughput';

/** How old a count may get while there is traffic, in ms. */
const COUNT_AGAIN_AFTER_MS = 200;

/**
 * The door of one queue. Far from its limit, it costs no round trip: it goes by the jobs counted last and those it let
 * in since, and counts again in the background. Only before it refuses does it wait for a count.
 */
export class QueueLimit {
  private counted = 0;
  private admittedSince = 0;
  private countedAtMs = -Infinity;
  private readonly count = oneAtATime(() => this.countNow());

  constructor(
    private readonly queue: Queue,
    private readonly redis: Redis,
    private readonly environment: Environment,
    private readonly fitness: RedisFitness,
    private readonly memory: RedisMemory,
  ) {}

  /**
   * Call it before jobs are added; with 0 before the body of an upload is read.
   * @throws QueueFull when as many jobs wait as may
   * @throws QueueUnavailable when Redis is away, short of memory, or not found fit
   */
  async admit(jobs: number): Promise<void> {
    // BullMQ would keep a job back for a Redis that was never there, and add it after the caller was refused.
    if (this.redis.status !== 'ready') throw new QueueUnavailable(this.redis.status);
    if (!this.fitness.passed)
      throw new QueueUnavailable(this.fitness.problem ?? 'Redis is not yet found fit');
    await this.memory.refuseWhenShort();
    const isFirst = this.countedAtMs === -Infinity;
    if (isFirst || !this.hasRoom(jobs)) await this.inTime(this.count());
    if (!this.hasRoom(jobs)) throw new QueueFull(await this.drainTimeS());
    this.admittedSince += jobs;
    if (performance.now() - this.countedAtMs > COUNT_AGAIN_AFTER_MS) this.count().catch(() => undefined);
  }

  /** A file with more chunks than may wait needs an empty queue, and not one that is larger than it can be. */
  private hasRoom(jobs: number): boolean {
    const { queueMaxWaiting } = this.environment;
    const needed = Math.min(Math.max(jobs, 1), queueMaxWaiting);
    return this.counted + this.admittedSince + needed <= queueMaxWaiting;
  }

  private async countNow(): Promise<void> {
    const admittedBefore = this.admittedSince;
    // What a turn admits leaves at its end: two turns later it is on its way, ahead of the count.
    await setImmediate();
    await setImmediate();
    const counts = await this.queue.getJobCounts('waiting', 'prioritized', 'delayed');
    this.counted = Object.values(counts).reduce((sum, count) => sum + count, 0);
    // Those that came during the count may be in it: better counted twice than not.
    this.admittedSince -= admittedBefore;
    this.countedAtMs = performance.now();
  }

  private async drainTimeS(): Promise<number> {
    const ended = [this.queue.getMetrics('completed', 0, 1), this.queue.getMetrics('failed', 0, 1)];
    const metrics = await this.inTime(Promise.all(ended));
    const perMinute = metrics.reduce((sum, one) => sum + throughput(one, Date.now()).lastMinute, 0);
    return drainTimeS(this.counted, this.environment.queueMaxWaiting, perMinute);
  }

  /** A queue would wait, without end, for a Redis that was not there when the process began. */
  private inTime<T>(answer: Promise<T>): Promise<T> {
    return answerInTime(this.environment.redis.commandTimeoutMs, answer);
  }
}
