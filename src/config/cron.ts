import { getNextMillis } from 'bullmq';

const FIELDS = 5;

/**
 * Whether it is a cron pattern as everybody knows them: minute, hour, day of the month, month, day of the week. Read by the
 * queue that runs by it, which also takes shorter ones, and `H` for a time of its own that is another one each time.
 */
export function isCron(pattern: string): boolean {
  if (pattern.split(/\s+/).length !== FIELDS || /\bH\b/.test(pattern)) return false;
  try {
    return getNextMillis(Date.now(), { pattern, tz: 'UTC' }) !== undefined;
  } catch {
    return false;
  }
}
