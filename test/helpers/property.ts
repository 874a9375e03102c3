import fc from 'fast-check';

/** For jest: longer than any property takes that is bounded as below. */
export const PROPERTY_TIMEOUT_MS = process.env.FAST_CHECK_RUNS === undefined ? 40_000 : 3_600_000;

/**
 * Checks that something holds for whatever fast-check comes up with. `FAST_CHECK_RUNS` tries it more often,
 * `FAST_CHECK_SEED` repeats the runs whose seed a failure printed. The time is bounded: when it is up nothing more is
 * tried, nor shrunk, but the first run is done in any case.
 */
export async function holdsForAll<T>(
  arbitrary: fc.Arbitrary<T>,
  check: (value: T) => Promise<void>,
  { runs, limitMs }: { runs: number; limitMs: number },
): Promise<void> {
  const { FAST_CHECK_RUNS, FAST_CHECK_SEED } = process.env;
  const numRuns = FAST_CHECK_RUNS === undefined ? runs : Number(FAST_CHECK_RUNS);
  const deadline = Date.now() + (limitMs * Math.max(numRuns, runs)) / runs;
  // fast-check's own limit leaves the run going on that it interrupts, beside what comes next.
  const property = fc.asyncProperty(arbitrary, async (value) => {
    if (Date.now() < deadline) await check(value);
  });
  await fc.assert(property, {
    numRuns,
    ...(FAST_CHECK_SEED !== undefined && { seed: Number(FAST_CHECK_SEED) }),
  });
}
