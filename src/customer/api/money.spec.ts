import { fromCents, toCents } from './money';

describe('money', () => {
  it.each([
    ['0', 0],
    ['0.1', 10],
    ['19.90', 1990],
    [0.29, 29],
    ['1000000000', 100_000_000_000],
  ])('reads %s without floating point', (amount, cents) => {
    expect(toCents(amount)).toBe(cents);
  });

  it.each(['', '-1', '1.234', '1e3', '.5', '1,5', 'NaN', ' 1', 0.1 + 0.2])('does not read %s', (amount) => {
    expect(toCents(amount)).toBeUndefined();
  });

  it.each([
    [0, '0.00'],
    [5, '0.05'],
    [119_80, '119.80'],
    [9_007_199_254_740_991, '90071992547409.91'],
  ])('writes %i cents as %s', (cents, text) => {
    expect(fromCents(cents)).toBe(text);
  });
});
