import fc from 'fast-check';

/** For jest: longer than any property takes that is bounded as below. */
export const PROPERTY_TIMEOUT_MS = process.env.FAST_CHECK_RUNS === undefined ? 40_000 : 3_600_000;

/**
 * Checks that something holds for whatever fast-check comes up with. `FAST_CHECK_RUNS` tries it more often,
 * `FAST_CHECK_SEED` repeats the runs whose seed a failure printed. The time is bounded: what was tried by then counts.
 */
export async function holdsForAll<T>(
  arbitrary: fc.Arbitrary<T>,
  check: (value: T) => Promise<void>,
  { runs, limitMs }: { runs: number; limitMs: number },
): Promise<void> {
  const { FAST_CHECK_RUNS, FAST_CHECK_SEED } = process.env;
  const numRuns = FAST_CHECK_RUNS === undefined ? runs : Number(FAST_CHECK_RUNS);
  let running = Promise.resolve();
  try {
    await fc.assert(
      fc.asyncProperty(arbitrary, (value) => (running = check(value))),
      {
        numRuns,
        plugins: [fc.interruptAfterTimeLimit(Math.ceil((limitMs * Math.max(numRuns, runs)) / runs))],
        ...(FAST_CHECK_SEED !== undefined && { seed: Number(FAST_CHECK_SEED) }),
      },
    );
  } finally {
    // A run that was interrupted goes on, and needs what the test closes next.
    await running.catch(() => undefined);
  }
}
