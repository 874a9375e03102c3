import { Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Environment } from '../config/environment';

/** How long the order of a job outlives its planned start: longer than any wait in the queue. */
const STAMP_TTL_MS = 30 * 24 * 3_600_000;
/** How long it is kept after the job ended, for a twin delivery that is still under way. */
const ENDED_STAMP_TTL_MS = 3_600_000;

/**
 * Takes ARGV[1] places in the order of acceptance, first to last. Redis is the one clock of all API replicas: the order
 * is its time in µs, but always above the last one given, so it neither ties nor runs back while Redis lives, and a
 * replaced, empty Redis goes on from the time of day instead of from 1.
 */
export const TAKE_PLACES = `
local function takePlaces(clock, places)
  local time = redis.call('TIME')
  local first = math.max(time[1] * 1000000 + time[2], tonumber(redis.call('GET', clock) or '0') + 1)
  redis.call('SET', clock, string.format('%.0f', first + places - 1))
  return first
end`;

/** Key of the last place that was given. */
export const orderClock = (prefix: string): string => `${prefix}:order`;

const RESERVE = `${TAKE_PLACES}
return string.format('%.0f', takePlaces(KEYS[1], ARGV[1]))`;

/**
 * Stamps jobs with their places, in their order and each once: who adds one again finds it stamped, and it keeps its
 * place and its lanes. KEYS: clock, then of each job its stamp and its lanes. ARGV: of each job its id, the life of its
 * keys in ms, its delay in µs, the number of its lanes.
 */
const STAMP = `${TAKE_PLACES}
local place = takePlaces(KEYS[1], #ARGV / 4)
local key = 2
local lives = {}
for arg = 1, #ARGV, 4 do
  local ttl, lanes = tonumber(ARGV[arg + 1]), tonumber(ARGV[arg + 3])
  if redis.call('SET', KEYS[key], string.format('%.0f', place), 'NX', 'PX', ttl) then
    for lane = key + 1, key + lanes do
      redis.call('ZADD', KEYS[lane], string.format('%.0f', place + ARGV[arg + 2]), ARGV[arg])
      lives[KEYS[lane]] = math.max(lives[KEYS[lane]] or 0, ttl)
    end
  end
  place = place + 1
  key = key + 1 + lanes
end
for lane, ttl in pairs(lives) do
  if redis.call('PTTL', lane) < ttl then redis.call('PEXPIRE', lane, ttl) end
end`;

/** The first job in any of the lanes that is due before. KEYS: lanes. ARGV: due. */
const AHEAD = `
for _, lane in ipairs(KEYS) do
  local first = redis.call('ZRANGEBYSCORE', lane, '-inf', '(' .. ARGV[1], 'LIMIT', 0, 1)[1]
  if first then return first end
end
return false`;

/** KEYS: stamp. ARGV: life of the stamp in ms, how the job was refused or ''. */
const END = `
local place = redis.call('GET', KEYS[1])
if ARGV[2] ~= '' and place and not string.find(place, ' ') then
  redis.call('SET', KEYS[1], place .. ' ' .. ARGV[2])
end
return redis.call('PEXPIRE', KEYS[1], ARGV[1])`;

/** KEYS: parked jobs, lanes… ARGV: job. Returns the first in each lane that is due and parked, or ''. */
const LEAVE = `
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000000 + time[2])
local next = {}
for lane = 2, #KEYS do
  redis.call('ZREM', KEYS[lane], ARGV[1])
  local first = redis.call('ZRANGEBYSCORE', KEYS[lane], '-inf', now, 'LIMIT', 0, 1)[1]
  next[lane - 1] = first and redis.call('ZSCORE', KEYS[1], first) and first or ''
end
return next`;

/** KEYS: job, lanes… ARGV: job, its options, due. A job that is gone gets no key of its own. */
const BRING_FORWARD = `
if redis.call('EXISTS', KEYS[1]) == 0 then return end
redis.call('HSET', KEYS[1], 'opts', ARGV[2])
for lane = 2, #KEYS do redis.call('ZADD', KEYS[lane], 'XX', ARGV[3], ARGV[1]) end`;

/** A job that is accepted now. */
export interface Accepted {
  jobId: string;
  /** Until the job is due. */
  delayMs: number;
  /** That it joins. */
  lanes: readonly string[];
}

/** What was written down of a job at the door and at its end. */
export interface Stamp {
  /** Place in the order of acceptance, in µs since 1970. */
  order: number;
  /** How it was refused, when it was: a twin delivery gets the same answer. */
  refusal?: string;
}

/**
 * The one order in which writes were accepted, over all API replicas. Jobs run in any order; per field, the write that
 * was accepted last wins. A place is taken on the connection that adds the job, just before it: no extra round trip.
 *
 * Some writes must not overtake others, such as two that claim one email. They join a lane at the door, a set of jobs by
 * the time they are due, and leave it when they end; who asks what is {@link ahead} in a lane can wait for it.
 */
@Injectable()
export class AcceptanceOrder {
  constructor(
    private readonly redis: Redis,
    private readonly environment: Environment,
  ) {}

  /** Stamps jobs that are about to be added with their places, in this order. */
  async stamp(jobs: readonly Accepted[]): Promise<void> {
    const keys = [orderClock(this.environment.redis.prefix)];
    const args: (string | number)[] = [];
    for (const { jobId, delayMs, lanes } of jobs) {
      keys.push(this.stampKey(jobId), ...lanes.map((lane) => this.laneKey(lane)));
      args.push(jobId, Math.ceil(STAMP_TTL_MS + delayMs), Math.round(delayMs * 1000), lanes.length);
    }
    // EVAL, not EVALSHA: a script that Redis does not know yet would be sent again, behind the jobs it must precede.
    await this.redis.eval(STAMP, keys.length, ...keys, ...args);
  }

  /**
   * A job that was planned for later is due now, in its lanes too.
   * @param jobKey its key in the queue
   * @param optionsOf its options, as they are stored, with another delay in ms
   */
  async bringForward(
    { jobId, lanes }: Pick<Accepted, 'jobId' | 'lanes'>,
    acceptedAtMs: number,
    jobKey: string,
    optionsOf: (delayMs: number) => string,
  ): Promise<void> {
    const { order } = await this.of(jobId, acceptedAtMs);
    const due = await this.reserve(1);
    const keys = [jobKey, ...lanes.map((lane) => this.laneKey(lane))];
    const options = optionsOf(Math.max(0, due - order) / 1000);
    await this.redis.eval(BRING_FORWARD, keys.length, ...keys, jobId, options, due);
  }

  /** Takes places in a row, such as one per row of an import. @returns the first */
  async reserve(places: number): Promise<number> {
    return Number(await this.redis.eval(RESERVE, 1, orderClock(this.environment.redis.prefix), places));
  }

  /** A job that waited longer than its stamp lives falls back on the clock of the API that accepted it. */
  async of(jobId: string, acceptedAtMs: number): Promise<Stamp> {
    const stamp = await this.redis.get(this.stampKey(jobId));
    if (stamp === null) return { order: acceptedAtMs * 1000 };
    const [order, ...refusal] = stamp.split(' ');
    return { order: Number(order), ...(refusal.length > 0 && { refusal: refusal.join(' ') }) };
  }

  /** @returns a job in one of the lanes that is due before `due`, µs since 1970 */
  async ahead(due: number, lanes: readonly string[]): Promise<string | undefined> {
    if (lanes.length === 0) return undefined;
    const keys = lanes.map((lane) => this.laneKey(lane));
    return ((await this.redis.eval(AHEAD, keys.length, ...keys, due)) as string | null) ?? undefined;
  }

  /**
   * The job ended, or was given up: nobody waits for it any more.
   * @param parked key of a sorted set of jobs that wait
   * @returns by lane, the one of them that is first now, or ''
   */
  async leave(jobId: string, lanes: readonly string[], parked: string): Promise<string[]> {
    if (lanes.length === 0) return [];
    const keys = [parked, ...lanes.map((lane) => this.laneKey(lane))];
    return (await this.redis.eval(LEAVE, keys.length, ...keys, jobId)) as string[];
  }

  /** The job ended: its stamp goes soon. */
  async end(jobId: string, refusal = ''): Promise<void> {
    await this.redis.eval(END, 1, this.stampKey(jobId), ENDED_STAMP_TTL_MS, refusal);
  }

  private stampKey(jobId: string): string {
    return `${this.environment.redis.prefix}:order:${jobId}`;
  }

  private laneKey(lane: string): string {
    return `${this.environment.redis.prefix}:lane:${lane}`;
  }
}
