import type { Redis } from 'ioredis';
import { BEGINNING, EVENT_LOG, isPlace, type EventPlace } from '../event-log';

/** One field of what `XINFO STREAM` tells. */
export const infoField = (info: readonly unknown[], name: string): unknown => info[info.indexOf(name) + 1];

/**
 * Where the log ends by its own account, though the event may be gone: whatever is published from now on comes after it,
 * also where the server's clock is behind.
 */
export async function endOfLog(redis: Redis): Promise<EventPlace> {
  try {
    const last = infoField((await redis.xinfo('STREAM', EVENT_LOG)) as unknown[], 'last-generated-id');
    return typeof last === 'string' && isPlace(last) ? last : BEGINNING;
  } catch (error) {
    if (error instanceof Error && error.message.includes('no such key')) return BEGINNING;
    throw error;
  }
}
