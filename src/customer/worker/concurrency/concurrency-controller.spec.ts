import fc from 'fast-check';
import { ConcurrencyController } from './concurrency-controller';
import type { Change, ConcurrencyLimits, WorkerSample } from './worker-sample';

const LIMITS: ConcurrencyLimits = {
  floor: 2,
  ceiling: 8,
  maxEventLoopDelayMs: 250,
  maxMemoryShare: 0.9,
  maxWriteSlowdown: 3,
};

/** How many times as long as usual a write takes while so many jobs run. */
type Database = (jobs: number) => number;
/** Eight jobs are what it is used to; of `times` the work, it does as much only with as many fewer. */
const crowded =
  (times: number): Database =>
  (jobs) =>
    Math.max(0.5, (times * jobs) / 8);
const distant =
  (times: number): Database =>
  () =>
    times;
/** Of a second in which so many jobs wrote, and did nothing else. */
const writes = (jobs: number, tookMs: number, usualMs = 100) => {
  const count = (jobs * 1_000) / tookMs;
  return { tookMs: count * tookMs, usualMs: count * usualMs, count, longestMs: tookMs };
};
const healthy = distant(1);

describe('the concurrency controller', () => {
  const start = (limits: Partial<ConcurrencyLimits> = {}) => {
    const controller = new ConcurrencyController({ ...LIMITS, ...limits });
    const changes: (Change & { look: number })[] = [];
    let looks = 0;
    let usualMs = 100;
    /** Looks at a worker that has enough to do, unless `sample` says other things. */
    const look = (times: number, database: Database = healthy, sample: Partial<WorkerSample> = {}) => {
      for (let count = 0; count < times; count++) {
        const active = sample.active ?? controller.limit;
        const change = controller.next({
          active,
          lookMs: 1_000,
          eventLoopDelayMs: 20,
          memoryShare: 0.4,
          database: 'answers',
          writes: writes(active, database(active) * 100, usualMs),
          ...sample,
        });
        looks += 1;
        if (change?.reason === 'distance') usualMs = database(active) * 100;
        if (change) changes.push({ ...change, look: looks });
      }
      return controller.limit;
    };
    return { controller, changes, look };
  };
  const reasons = (changes: readonly Change[]) => changes.map(({ reason }) => reason);

  it('begins at the ceiling and stays there while all is well', () => {
    const { look, changes } = start();

    look(1_000);

    expect(changes).toEqual([]);
  });

  it.each([
    ['the event loop is late', { eventLoopDelayMs: 400 }, 'event_loop'],
    ['memory is short', { memoryShare: 0.95 }, 'memory'],
  ] as const)('falls to the floor while %s, and comes back', (_, trouble, reason) => {
    const { look, changes } = start();

    const during = look(30, healthy, trouble);
    const after = look(30);

    expect([during, after]).toEqual([2, 8]);
    expect(new Set(reasons(changes))).toEqual(new Set([reason, 'recovered']));
  });

  it('falls faster than it rises', () => {
    const { look, changes } = start();

    look(30, healthy, { memoryShare: 0.95 });
    look(30);
    const took = (found: readonly { look: number }[]) => (found.at(-1)?.look ?? 0) - (found[0]?.look ?? 0);
    const rises = changes.filter(({ reason }) => reason === 'recovered');

    expect(took(changes.filter(({ reason }) => reason === 'memory'))).toBeLessThan(took(rises) / 3);
  });

  it.each([
    ['late event loop', { eventLoopDelayMs: 4_000 }],
    ['moment short of memory', { memoryShare: 1 }],
    ['slow moment of the database', { writes: writes(8, 9_000) }],
  ])('lets one %s pass', (_, trouble) => {
    const { look, changes } = start();

    for (let time = 0; time < 10; time++) {
      look(1, healthy, trouble);
      look(1);
    }

    expect(changes).toEqual([]);
  });

  it('leaves the limit alone where no more jobs run than the floor has', () => {
    const { look, changes } = start();

    look(30, healthy, { active: 2, eventLoopDelayMs: 4_000, memoryShare: 1 });

    expect(changes).toEqual([]);
  });

  it('does not rise while it has too little to do to use what it may', () => {
    const { look } = start();
    look(30, healthy, { memoryShare: 0.95 });

    expect(look(100, healthy, { active: 1 })).toBe(2);
  });

  it.each([
    ['four times as slow', 4, 4],
    ['ten times as slow', 10, 2],
    ['a hundred times as slow', 100, 2],
  ])('falls while the database is %s for the crowd, and comes back', (_, times, low) => {
    const { look, changes } = start();
    look(20);

    look(50, crowded(times));
    const lowest = Math.min(...changes.map(({ limit }) => limit));
    const after = look(60);

    expect([lowest, after]).toEqual([low, 8]);
    expect(new Set(reasons(changes))).toEqual(new Set(['database', 'recovered']));
  });

  it('stays where fewer jobs got less done, and takes slow writes for usual no more than before', () => {
    const { look, changes } = start();
    look(20);
    // A write waits for other things, too, which shows when few others are in its way.
    const mixed: Database = (jobs) => (jobs > 2 ? (10 * jobs) / 8 : 3.8);

    const slow = look(50, mixed);
    const after = look(60);

    expect([slow, after]).toEqual([4, 8]);
    expect(reasons(changes)).not.toContain('distance');
  });

  it.each([4, 10, 100])('runs all it may again when the database is %s times as far away', (times) => {
    const { look, changes } = start();
    look(20);

    const after = look(40 + 2 * times, distant(times));

    expect(after).toBe(8);
    expect(changes.map(({ limit, reason }) => [limit, reason])).toEqual([
      [4, 'database'],
      [2, 'database'],
      [8, 'probe'],
      [8, 'distance'],
    ]);
  });

  it('finds at the floor, too, that the database is only far away', () => {
    const { look, changes } = start();
    look(30, distant(5), { eventLoopDelayMs: 4_000 });

    const after = look(90, distant(5));

    expect(after).toBe(8);
    expect(reasons(changes)).toEqual(expect.arrayContaining(['probe', 'distance']));
  });

  it('tries more jobs ever more rarely on a database that stays slow for the crowd', () => {
    const { look, changes } = start();

    look(2_000, crowded(20));
    const probes = changes.filter(({ reason }) => reason === 'probe').map((change) => change.look);
    const pauses = probes.slice(1).map((at, index) => at - (probes[index] ?? 0));

    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    expect(probes.length).toBeLessThan(7);
  });

  it('does not judge a database that is away, nor rise while it is', () => {
    const { look, changes } = start();
    const away = { database: 'away', writes: undefined } as const;
    look(30, healthy, { memoryShare: 0.95 });
    const before = changes.length;

    look(100, healthy, away);

    expect(changes.length).toBe(before);
  });

  it('learns what is usual only where as many jobs run as ever may', () => {
    const { controller, look } = start();
    const full = controller.isUsual(8);
    const idle = controller.isUsual(3);
    look(30, healthy, { memoryShare: 0.95 });

    expect([full, idle, controller.isUsual(2)]).toEqual([true, false, false]);
  });

  it.each([
    ['late from five jobs on', (jobs: number) => ({ eventLoopDelayMs: jobs > 4 ? 300 : 100 })],
    ['short of memory from five jobs on', (jobs: number) => ({ memoryShare: jobs > 4 ? 0.95 : 0.7 })],
    ['slow for two jobs', (jobs: number) => ({ writes: writes(jobs, jobs * 190) })],
  ])('comes to rest, but for a look at times, where it is %s', (_, seen) => {
    const { controller, look, changes } = start({ floor: 1 });

    for (let time = 0; time < 1_000; time++) look(1, healthy, seen(controller.limit));
    const late = changes.filter((change) => change.look > 500);

    expect(late.length).toBeLessThan(40);
  });

  it('never leaves its bounds, whatever it sees', () => {
    const samples = fc.array(
      fc.record({
        lookMs: fc.constant(1_000),
        active: fc.double({ min: 0, max: 60, noNaN: true }),
        eventLoopDelayMs: fc.constantFrom(0, 100, 249, 251, 10_000),
        memoryShare: fc.constantFrom(0, 0.8, 0.89, 0.91, 2),
        database: fc.constantFrom('answers', 'silent', 'away'),
        writes: fc.option(
          fc.record({
            tookMs: fc.constantFrom(0.001, 50, 250, 400, 1e9),
            usualMs: fc.constantFrom(0.001, 100),
            count: fc.nat(30),
            longestMs: fc.nat(9_000),
          }),
          { nil: undefined },
        ),
      }),
      { maxLength: 300 },
    );
    const bounds = fc
      .tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 }))
      .map(([one, other]) => ({ floor: Math.min(one, other), ceiling: Math.max(one, other) }));

    fc.assert(
      fc.property(bounds, samples, ({ floor, ceiling }, seen) => {
        const controller = new ConcurrencyController({ ...LIMITS, floor, ceiling });
        for (const sample of seen) {
          const change = controller.next(sample);
          expect(controller.limit).toBeGreaterThanOrEqual(floor);
          expect(controller.limit).toBeLessThanOrEqual(ceiling);
          expect(Number.isInteger(controller.limit)).toBe(true);
          if (change) expect(change.limit).toBe(controller.limit);
        }
      }),
    );
  });

  it('comes back to the ceiling once all is well, whatever was before', () => {
    const troubles = fc.array(
      fc.record({
        looks: fc.integer({ min: 1, max: 40 }),
        times: fc.constantFrom(0.5, 1, 4, 20),
        isCrowded: fc.boolean(),
        eventLoopDelayMs: fc.constantFrom(20, 400),
        memoryShare: fc.constantFrom(0.4, 0.95),
      }),
      { maxLength: 12 },
    );

    fc.assert(
      fc.property(troubles, (all) => {
        const { look } = start();
        for (const { looks, times, isCrowded, ...sample } of all)
          look(looks, isCrowded ? crowded(times) : distant(times), sample);
        expect(look(600)).toBe(8);
      }),
    );
  });
});
