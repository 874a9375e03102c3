import { Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import { EVENT_LOG, fromEntry, type LoggedEvent } from './event-log';

/** Entries that Redis looks at in one go: some ms, in which it serves nobody else. */
const SLICE = 1_000;
/** The log has about twice as many; a job has a handful of events. */
const MAX_SLICES = 50;
const MAX_EVENTS = 50;

/** KEYS: the log. ARGV: first and last place, number of entries, text. Returns the last place looked at, and what has the text. */
const FIND = `
local entries = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[2], 'COUNT', ARGV[3])
local found = {}
for _, entry in ipairs(entries) do
  for index = 1, #entry[2], 2 do
    if entry[2][index] == 'event' and string.find(entry[2][index + 1], ARGV[4], 1, true) then
      found[#found + 1] = entry
    end
  end
end
return {#entries, entries[#entries] and entries[#entries][1] or '', found}`;

/** Finds what the log still has of a job. */
@Injectable()
export class JobEvents {
  constructor(private readonly redis: Redis) {}

  /** In their order. @param fromMs, toMs when they can have been published, in ms since 1970 */
  async find(jobId: string, fromMs: number, toMs: number | undefined): Promise<LoggedEvent[]> {
    const text = `"jobId":${JSON.stringify(jobId)}`;
    const found: LoggedEvent[] = [];
    let first = String(fromMs);
    for (let slice = 0; slice < MAX_SLICES && found.length < MAX_EVENTS; slice++) {
      const answer = await this.redis.eval(FIND, 1, EVENT_LOG, first, toMs ?? '+', SLICE, text);
      const [looked, last, entries] = answer as [number, string, [string, string[]][]];
      found.push(...entries.flatMap((entry) => fromEntry(entry) ?? []));
      if (looked < SLICE) break;
      first = `(${last}`;
    }
    return found;
  }
}
