import { isCron } from './cron';

describe('a cron pattern', () => {
  it.each(['0 3 * * *', '*/5 * * * *', '30 3 * * MON-FRI', '0 0 1 1 *', '0 3 * * THU', '0,30  8-18 * * 1-5'])(
    'is %s',
    (pattern) => {
      expect(isCron(pattern)).toBe(true);
    },
  );

  it.each([
    ['no text of five fields', 'nightly'],
    ['four fields', '0 3 * *'],
    ['six fields, with seconds', '0 0 3 * * *'],
    ['a name', '@daily'],
    ['a minute that is none', '61 * * * *'],
    ['an hour that is none', '0 25 * * *'],
    ['a day that never comes', '0 0 30 2 *'],
    ['a step of nothing', '*/0 * * * *'],
    ['a time that the queue would choose', 'H 3 * * *'],
    ['letters', 'a b c d e'],
  ])('is not %s', (_, pattern) => {
    expect(isCron(pattern)).toBe(false);
  });
});
