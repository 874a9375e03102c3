import { DEFAULT_RETRY_DELAYS, retryAfterMs, retryDelayMs } from './retry-delays';

const HOUR = 3_600_000;

describe('the delays between tries', () => {
  it('make ten tries in about three days', () => {
    const hours = DEFAULT_RETRY_DELAYS.reduce((sum, delay) => sum + delay, 0) / HOUR;

    expect(DEFAULT_RETRY_DELAYS).toHaveLength(9);
    expect(hours).toBeGreaterThan(72);
    expect(hours).toBeLessThan(80);
  });

  it('are as they are listed, with a tenth on top at most', () => {
    for (const [index, listed] of DEFAULT_RETRY_DELAYS.entries()) {
      const delay = retryDelayMs(DEFAULT_RETRY_DELAYS, index + 1);
      expect(delay).toBeGreaterThanOrEqual(listed);
      expect(delay).toBeLessThanOrEqual(listed * 1.1);
    }
  });

  it('stay the last one after the last one', () => {
    expect(retryDelayMs([100, 200], 7)).toBeGreaterThanOrEqual(200);
  });

  it('are what a receiver asked for where that is longer, a day at most', () => {
    expect(retryDelayMs([1_000], 1, 60_000)).toBe(60_000);
    expect(retryDelayMs([60_000], 1, 1_000)).toBeGreaterThanOrEqual(60_000);
    expect(retryDelayMs([1_000], 1, 100 * HOUR)).toBe(24 * HOUR);
  });

  it.each([
    ['120', 120_000],
    ['0', 0],
    ['Fri, 27 Nov 2026 00:01:00 GMT', 60_000],
    ['Thu, 26 Nov 2026 00:00:00 GMT', 0],
    ['soon', undefined],
    ['-5', undefined],
    [undefined, undefined],
  ])('read Retry-After: %s', (header, expected) => {
    const asked = retryAfterMs(header, Date.parse('2026-11-27T00:00:00Z'));

    expect(asked).toBe(expected);
  });
});
