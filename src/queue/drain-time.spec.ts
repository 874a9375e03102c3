import { drainTimeS } from './drain-time';

describe('time until a full queue has room', () => {
  it.each([
    ['a tenth of it, at the pace of the last minute', 1_000, 1_000, 600, 10],
    ['what is over the limit too', 1_500, 1_000, 600, 60],
    ['whole seconds, rounded up', 1_000, 1_000, 590, 11],
    ['at least a second', 10, 10, 1_000_000, 1],
    ['at most five minutes', 100_000, 100_000, 1, 300],
    ['a minute, when nothing drains', 1_000, 1_000, 0, 60],
    ['a minute, when the pace is not known', 1_000, 1_000, NaN, 60],
  ])('is %s', (_, waiting, limit, perMinute, seconds) => {
    expect(drainTimeS(waiting, limit, perMinute)).toBe(seconds);
  });
});
