import type { Queue } from 'bullmq';

/** BullMQ's failed set of a queue is its dead letters; the other keys are ours, in the same slot of a cluster. */
export interface DeadLetterKeys {
  /** Sorted set: id by the time it died, in ms since 1970. */
  dead: string;
  /** Hash: `dropped`, how many went unseen for a bound. */
  counts: string;
  /** Who replays now; expires with whoever died. */
  lease: string;
  /** Hash: how far the last replay is. */
  progress: string;
  /** Sorted set: those of `dead`, as they were when the replay was asked for, that it has not come to. */
  todo: string;
}

export function keysOf(queue: Queue): DeadLetterKeys {
  const own = `${queue.opts.prefix ?? 'bull'}:dead-letters:${queue.name}`;
  return {
    dead: queue.toKey('failed'),
    counts: own,
    lease: `${own}:replay:lease`,
    progress: `${own}:replay`,
    todo: `${own}:replay:todo`,
  };
}
