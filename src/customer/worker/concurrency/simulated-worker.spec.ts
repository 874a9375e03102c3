import { simulateWorker, type Slowness } from '../../../../test/helpers/simulated-worker';

const RUNS = 100;

describe('the concurrency of a simulated worker', () => {
  const limitsOf = (ceiling: number, slowness: Slowness, slowS: number): string => {
    const counts = new Map<number, number>();
    for (let seed = 1; seed <= RUNS; seed++) {
      const { limit } = simulateWorker({ seed, ceiling, healthyS: 10, slowness, slowS });
      counts.set(limit, (counts.get(limit) ?? 0) + 1);
    }
    return [...counts].map(([limit, times]) => `${limit} ×${times}`).join(', ');
  };

  it.each([18, 25, 50, 100, 200])('is at the floor where each packet takes %d ms', (crowd) => {
    expect(limitsOf(8, { crowd }, 35)).toBe(`2 ×${RUNS}`);
  });

  it.each([
    [8, 300],
    [8, 500],
    [16, 500],
    [32, 500],
    [8, 1_000],
  ])('is at the ceiling of %d where the database is %d ms away', (ceiling, distance) => {
    expect(limitsOf(ceiling, { distance }, 80)).toBe(`${ceiling} ×${RUNS}`);
  });

  it('is never changed where the database is well', () => {
    const { changes } = simulateWorker({ seed: 1, ceiling: 8, healthyS: 600, slowness: {}, slowS: 0 });

    expect(changes).toEqual([]);
  });
});
