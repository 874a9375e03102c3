/** Without a pace to go by: a worker may be just starting. */
const UNKNOWN_S = 60;
const MAX_S = 300;
/** A queue that is full has room again when so much of it has drained: callers should not come back one by one. */
const ROOM = 0.1;

/**
 * When a full queue will have room, in whole s.
 * @param waiting jobs that wait
 * @param limit jobs that may
 * @param drainedPerMinute jobs that ended in the last minute
 */
export function drainTimeS(waiting: number, limit: number, drainedPerMinute: number): number {
  if (!(drainedPerMinute > 0)) return UNKNOWN_S;
  const surplus = waiting - limit * (1 - ROOM);
  return Math.min(MAX_S, Math.max(1, Math.ceil((surplus / drainedPerMinute) * 60)));
}
