import { percentiles } from './percentiles';

describe('percentiles', () => {
  it('are values that were measured, whatever the order they came in', () => {
    const oneToHundred = Array.from({ length: 100 }, (_, index) => 100 - index);

    expect(percentiles(oneToHundred)).toEqual({ p50: 50, p95: 95, p99: 99, jobs: 100 });
  });

  it('compare numbers as numbers', () => {
    expect(percentiles([9, 10, 100]).p50).toBe(10);
  });

  it('are all the one value when there is one', () => {
    expect(percentiles([7])).toEqual({ p50: 7, p95: 7, p99: 7, jobs: 1 });
  });

  it('are null when nothing was measured', () => {
    expect(percentiles([])).toEqual({ p50: null, p95: null, p99: null, jobs: 0 });
  });
});
