import { Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import { orUnavailable } from '../../queue/queue-unavailable';
import {
  BEGINNING,
  comparePlaces,
  EVENT_LOG,
  fromEntry,
  isPlace,
  type EventPlace,
  type LoggedEvent,
} from '../event-log';
import { infoField } from './log-info';

const PAGE = 200;

/** What comes after a place in the log; of all tenants. */
export interface HistoryPage {
  events: LoggedEvent[];
  /** Up to where this page goes. */
  until: EventPlace;
  isLast: boolean;
  /** Events right after the place are not there any more, or the place is not of this log. */
  isBroken: boolean;
}

/** Reads what was published before, as far as the log has it. */
@Injectable()
export class EventHistory {
  constructor(private readonly redis: Redis) {}

  /** @throws QueueUnavailable */
  async after(place: EventPlace): Promise<HistoryPage> {
    const answers = await orUnavailable(
      this.redis.multi().xinfo('STREAM', EVENT_LOG).xrange(EVENT_LOG, `(${place}`, '+', 'COUNT', PAGE).exec(),
    );
    const [[missing, info] = [], [failure, entries] = []] = answers ?? [];
    if (failure) throw failure;
    const found = (entries ?? []) as [string, string[]][];
    const places = found.map(([id]) => id).filter(isPlace);
    return {
      events: found.map(fromEntry).filter((event) => event !== undefined),
      until: places.at(-1) ?? place,
      isLast: found.length < PAGE,
      // A log that is not there has no past but its beginning.
      isBroken: missing ? place !== BEGINNING : isBroken(place, info as unknown[]),
    };
  }
}

function isBroken(place: EventPlace, info: readonly unknown[]): boolean {
  const field = (name: string): unknown => infoField(info, name);
  const [last, first] = [field('last-generated-id'), field('first-entry') as [string] | null];
  if (typeof last === 'string' && isPlace(last) && comparePlaces(place, last) > 0) return true;
  // Before Redis 7 it is not told whether anything was ever taken off.
  const isWhole = info.includes('entries-added') && field('entries-added') === field('length');
  return !isWhole && first !== null && isPlace(first[0]) && comparePlaces(place, first[0]) < 0;
}
