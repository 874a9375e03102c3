import { Inject, Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { EVENT_LOG } from '../../events/event-log';
import { OWNED_QUEUES } from '../../queue/queues.module';
import { jsonField } from '../../queue/search/job-search';
import { ErasedCustomers } from './erased-customers';
import { mentionsOf, namedIn, type ErasedPerson, type Named } from './erased-person';

/** Entries that Redis looks at in one go: some ms, in which it serves nobody else. */
const SLICE = 1_000;

/**
 * KEYS: stream. ARGV: first and last place, number of entries, JSON: groups of texts, of each of which a field has one.
 * Returns how many were looked at, the last place, and the places and fields of those that match.
 */
const FIND = `
local entries = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[2], 'COUNT', ARGV[3])
local groups = cjson.decode(ARGV[4])
local function has(text, parts)
  for _, part in ipairs(parts) do if string.find(text, part, 1, true) then return true end end
  return false
end
local function matches(text)
  for _, parts in ipairs(groups) do if not has(text, parts) then return false end end
  return true
end
local found = {}
for _, entry in ipairs(entries) do
  for index = 2, #entry[2], 2 do
    if matches(entry[2][index]) then found[#found + 1] = {entry[1], entry[2][index]} break end
  end
end
return {#entries, entries[#entries] and entries[#entries][1] or '', found}`;

/** An entry, and its field that names somebody. */
type Entry = [place: string, text: string];

/** Takes what says something of a person off the log of events, and off BullMQ's own, which quotes errors. */
@Injectable()
export class ErasedEvents {
  constructor(
    private readonly redis: Redis,
    @Inject(OWNED_QUEUES) private readonly queues: readonly Queue[],
    private readonly customers: ErasedCustomers,
  ) {}

  /** May be repeated. Who resumes at an entry that is gone goes on with the next. */
  async remove(person: ErasedPerson): Promise<void> {
    const groups = [[jsonField('tenantid', person.tenantId)], mentionsOf(person)];
    await this.sweep(EVENT_LOG, groups, (found) => this.customers.tracesOf(person, found, whoIn));
    if (person.emails.length === 0) return;
    for (const queue of this.queues)
      await this.sweep(queue.toKey('events'), [[...person.emails]], (found) => Promise.resolve(found));
  }

  /** From the first entry to the one that is the last by now. */
  private async sweep(
    stream: string,
    groups: string[][],
    select: (found: Entry[]) => Promise<Entry[]>,
  ): Promise<void> {
    const [newest] = await this.redis.xrevrange(stream, '+', '-', 'COUNT', 1);
    if (!newest) return;
    for (let first = '-', looked = SLICE; looked === SLICE;) {
      const args = [first, newest[0], SLICE, JSON.stringify(groups)];
      const answer = await this.redis.eval(FIND, 1, stream, ...args);
      const [count, last, found] = answer as [number, string, Entry[]];
      const places = (await select(found)).map(([place]) => place);
      if (places.length > 0) await this.redis.xdel(stream, ...places);
      looked = count;
      first = `(${last}`;
    }
  }
}

const whoIn = ([, json]: Entry): Named => namedIn((JSON.parse(json) as { data?: unknown }).data);
