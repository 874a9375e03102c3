import fc from 'fast-check';
import { holdsForAll, PROPERTY_TIMEOUT_MS } from '../helpers/property';
import { inTurn, Replay } from '../helpers/replay';
import { createTestApp } from '../helpers/test-app';
import { histories } from '../model/histories';
import { KNOWN_HISTORIES } from '../model/known-histories';

/** Whatever the order in which jobs are delivered, and however often, they come to what they would come to in turn. */
describe('jobs that are taken one at a time', () => {
  let replay: Replay;

  beforeAll(async () => {
    replay = await Replay.start();
  });

  afterAll(async () => {
    await replay.close();
  });

  it.each(KNOWN_HISTORIES)('%s', async (_promise, steps) => {
    const result = await replay.byHand(steps);

    expect(result).toEqual(inTurn(steps));
  });

  it(
    'come to what they would come to in turn',
    async () => {
      await holdsForAll(
        histories,
        async (steps) => {
          const result = await replay.byHand(steps);

          expect(result).toEqual(inTurn(steps));
        },
        { runs: 40, limitMs: 7_000 },
      );
    },
    PROPERTY_TIMEOUT_MS,
  );
});

describe('jobs that two workers take, several at once', () => {
  it(
    'come to what they would come to in turn',
    async () => {
      const replay = await Replay.start();
      const variables = { ...replay.api.variables, WORKER_CONCURRENCY: '3' };
      const workers = [
        await createTestApp({ role: 'worker', variables }),
        await createTestApp({ role: 'worker', variables }),
      ];

      await holdsForAll(
        fc.tuple(histories, fc.boolean()),
        async ([steps, held]) => {
          const results = await replay.byWorkers(steps, held);

          expect(results).toEqual({ ended: inTurn(steps), later: inTurn(steps) });
        },
        { runs: 25, limitMs: 9_000 },
      );

      for (const worker of workers) await worker.close();
      await replay.close();
    },
    PROPERTY_TIMEOUT_MS,
  );
});
