import type { Overview } from './overview';

/** What is not as it should be, for a person: what it is, and what to do. */
export interface Trouble {
  /** `critical`: work is refused or stands still. `warning`: it will, or some of it did not work. */
  severity: 'critical' | 'warning';
  what: string;
  todo: string;
}

/** Ready for so long, a job has been overlooked, in ms. */
const LATE_MS = 60_000;
const VERY_LATE_MS = 300_000;
/** A worker reports every 5 s. */
const SILENT_MS = 15_000;
const NEARLY_FULL = 0.8;

type Seen = Omit<Overview, 'troubles'>;

/** The worst first. Empty when all is well. */
export function troublesOf(seen: Seen, limits: { maxWaiting: number }): Trouble[] {
  const found = [
    ...ofRedis(seen),
    ...ofMongo(seen),
    ...seen.queues.flatMap((queue) => ofQueue(queue, limits.maxWaiting)),
    ...ofWorkers(seen),
  ];
  return found.toSorted((a, b) => Number(b.severity === 'critical') - Number(a.severity === 'critical'));
}

const trouble = (severity: Trouble['severity'], what: string, todo: string): Trouble => ({
  severity,
  what,
  todo,
});

function ofRedis({ redis }: Seen): Trouble[] {
  if (redis.status === 'unhealthy')
    return [
      trouble(
        'critical',
        'Redis does not answer',
        'Writes get 503 until it does. Look at its host and its log.',
      ),
    ];
  const severity = redis.status === 'degraded' ? 'critical' : 'warning';
  return redis.problems.map((problem) => trouble(severity, problem, 'See docs/configuration.md, Redis.'));
}

function ofMongo({ mongodb }: Seen): Trouble[] {
  if (mongodb.latencyMs !== null) return [];
  const todo =
    'Writes are still accepted and wait in the queue; reads get 503. Look at its host and its log.';
  return [trouble('critical', 'MongoDB does not answer', todo)];
}

function ofQueue(queue: Seen['queues'][number], maxWaiting: number): Trouble[] {
  const { name, paused, depth, oldestWaitingAgeMs, workers, failedLastHour } = queue;
  const found: Trouble[] = [];
  if (paused)
    found.push(trouble('warning', `${name} is paused`, 'Resume it in Bull Board when you are done.'));
  if (workers === 0)
    found.push(
      trouble(
        depth.waiting > 0 ? 'critical' : 'warning',
        `${name} has no worker`,
        'Start one: APP_ROLE=worker.',
      ),
    );
  if (!paused && oldestWaitingAgeMs !== null && oldestWaitingAgeMs > LATE_MS) {
    const severity = oldestWaitingAgeMs > VERY_LATE_MS ? 'critical' : 'warning';
    const seconds = Math.round(oldestWaitingAgeMs / 1000);
    found.push(
      trouble(
        severity,
        `A job of ${name} has been ready for ${seconds} s`,
        'Add workers, or see what holds them up.',
      ),
    );
  }
  const waiting = depth.waiting + depth.delayed;
  if (waiting >= maxWaiting * NEARLY_FULL) {
    const isFull = waiting >= maxWaiting;
    const what = isFull ? `${name} is full: nothing more is let in` : `${name} is nearly full`;
    found.push(
      trouble(
        isFull ? 'critical' : 'warning',
        what,
        `Add workers; the limit is QUEUE_MAX_WAITING, ${maxWaiting}. Beyond it writes get 503, and notifications are dropped.`,
      ),
    );
  }
  // Once they are replayed or deleted, somebody has seen to it.
  if (failedLastHour > 0 && depth.failed > 0)
    found.push(
      trouble(
        'warning',
        `${failedLastHour} jobs of ${name} died in the last hour`,
        'See Dead letters: why, and replay.',
      ),
    );
  return found;
}

const ofWorkers = ({ workers }: Seen): Trouble[] =>
  workers
    .filter(({ silentMs }) => silentMs > SILENT_MS)
    .map(({ host, pid, silentMs }) => {
      const seconds = Math.round(silentMs / 1000);
      const todo = 'Its jobs go to others. Look at its host if it should be there.';
      return trouble('warning', `The worker ${host}:${pid} has been silent for ${seconds} s`, todo);
    });
