import { Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Environment } from '../config/environment';

/** How long the order of a job outlives its planned start: longer than any wait in the queue. */
const STAMP_TTL_MS = 30 * 24 * 3_600_000;
/** How long it is kept after the job ended, for a twin delivery that is still under way. */
const ENDED_STAMP_TTL_MS = 3_600_000;

/**
 * Takes the next ARGV[1] places in the order of acceptance and returns the first; KEYS[2], where given, keeps it for
 * ARGV[2] ms. Redis is the one clock of all API replicas: the order is its time in µs, but always above the last one
 * given, so it neither ties nor runs back while Redis lives, and a replaced, empty Redis goes on from the time of day
 * instead of from 1.
 */
const TAKE_PLACES = `
local time = redis.call('TIME')
local first = math.max(time[1] * 1000000 + time[2], tonumber(redis.call('GET', KEYS[1]) or '0') + 1)
redis.call('SET', KEYS[1], string.format('%.0f', first + ARGV[1] - 1))
local place = string.format('%.0f', first)
if KEYS[2] then redis.call('SET', KEYS[2], place, 'PX', ARGV[2]) end
return place`;

/**
 * The one order in which writes were accepted, over all API replicas. Jobs run in any order; per field, the write that
 * was accepted last wins. A place is taken on the connection that adds the job, just before it: no extra round trip.
 */
@Injectable()
export class AcceptanceOrder {
  constructor(
    private readonly redis: Redis,
    private readonly environment: Environment,
  ) {}

  /**
   * Stamps a job that is about to be added with its place.
   * @param delayMs until the job is due
   */
  async stamp(jobId: string, delayMs: number): Promise<void> {
    // EVAL, not EVALSHA: a script that Redis does not know yet would be sent again, behind the job it must precede.
    const ttlMs = Math.ceil(STAMP_TTL_MS + delayMs);
    await this.redis.eval(TAKE_PLACES, 2, this.clockKey(), this.stampKey(jobId), 1, ttlMs);
  }

  /** Takes places in a row, such as one per row of an import. @returns the first */
  async reserve(places: number): Promise<number> {
    return Number(await this.redis.eval(TAKE_PLACES, 1, this.clockKey(), places));
  }

  /**
   * The order of a job, in µs since 1970; a write that was planned for later counts as later. A job that waited longer
   * than its stamp lives falls back on the clock of the API that accepted it.
   */
  async of(
    jobId: string,
    { acceptedAtMs, delayMs }: { acceptedAtMs: number; delayMs: number },
  ): Promise<number> {
    const stamp = await this.redis.get(this.stampKey(jobId));
    return (stamp === null ? acceptedAtMs * 1000 : Number(stamp)) + delayMs * 1000;
  }

  /** The job ended: its stamp goes soon. */
  async release(jobId: string): Promise<void> {
    await this.redis.pexpire(this.stampKey(jobId), ENDED_STAMP_TTL_MS);
  }

  private clockKey(): string {
    return `${this.environment.redis.prefix}:order`;
  }

  private stampKey(jobId: string): string {
    return `${this.environment.redis.prefix}:order:${jobId}`;
  }
}
