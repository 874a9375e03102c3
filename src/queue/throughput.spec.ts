import { throughput } from './throughput';

const MINUTE = 60_000;
const NOON = Date.UTC(2026, 0, 31, 12);

/** BullMQ's counter: `open` jobs in the minute that is not written down, `data` in those before it. */
const metrics = (openMinuteAt: number, open: number, data: number[]) => ({
  meta: { prevTS: openMinuteAt, count: 1_000 + open, prevCount: 1_000 },
  data,
});

describe('throughput', () => {
  it('counts the minute that runs, and of the one before only what the window still holds', () => {
    const aThirdIn = NOON + 20_000;

    expect(throughput(metrics(NOON + 5_000, 7, [30, 0]), aThirdIn).lastMinute).toBe(7 + 20);
  });

  it('forgets jobs of a queue that fell silent, though BullMQ writes no empty minutes', () => {
    const busyThen = metrics(NOON, 50, [10]);

    expect(throughput(busyThen, NOON + 3 * MINUTE)).toEqual({ lastMinute: 0, lastHour: 60 });
    expect(throughput(busyThen, NOON + 62 * MINUTE)).toEqual({ lastMinute: 0, lastHour: 0 });
  });

  it('counts an hour of minutes and no more', () => {
    const everyMinute = metrics(
      NOON,
      1,
      Array.from({ length: 120 }, () => 1),
    );

    expect(throughput(everyMinute, NOON + MINUTE - 1).lastHour).toBe(60);
  });

  it('is zero for a queue that never ended a job', () => {
    expect(throughput({ meta: { count: 0, prevTS: 0, prevCount: 0 }, data: [] }, NOON)).toEqual({
      lastMinute: 0,
      lastHour: 0,
    });
  });
});
