/** BullMQ's counter of ended jobs, as `queue.getMetrics()` returns it. */
export interface JobMetrics {
  meta: {
    count: number;
    /** When the last full minute was written down, in ms since 1970. */
    prevTS: number;
    /** Value of `count` then. */
    prevCount: number;
  };
  /** Jobs per minute, the newest first; ends with the minute before `prevTS`. */
  data: number[];
}

export interface Throughput {
  lastMinute: number;
  lastHour: number;
}

const MINUTE_MS = 60_000;
const HOUR_MINUTES = 60;

/**
 * Jobs that ended in the last minute and the last hour. BullMQ counts by the minute of the clock and writes a minute
 * down only when a job of a later one ends; the minute that the window cuts counts by the share that lies in it.
 */
export function throughput({ meta, data }: JobMetrics, nowMs: number): Throughput {
  const openMinute = Math.floor(meta.prevTS / MINUTE_MS);
  const nowMinute = Math.floor(nowMs / MINUTE_MS);
  const ended = (minute: number): number => {
    if (minute > openMinute) return 0;
    return minute === openMinute ? meta.count - meta.prevCount : (data[openMinute - minute - 1] ?? 0);
  };
  const share = 1 - (nowMs % MINUTE_MS) / MINUTE_MS;
  const last = (minutes: number): number => {
    let jobs = ended(nowMinute - minutes) * share;
    for (let minute = nowMinute - minutes + 1; minute <= nowMinute; minute++) jobs += ended(minute);
    return Math.round(jobs);
  };
  return { lastMinute: last(1), lastHour: last(HOUR_MINUTES) };
}
