import { setTimeout as delay } from 'node:timers/promises';
import type { Scenario } from '../scenario.ts';
import { until } from '../until.ts';

const EVERY_S = { full: 5, short: 2 };
const MAX_MS = 900_000;

/** A worker is killed every few seconds, in turn, during a large import and many single writes. */
export const workerKilled: Scenario = {
  name: 'worker-killed',
  title: (form) => `worker killed (-9) every ${EVERY_S[form]} s, import and single writes`,
  inShortForm: true,
  cast: (form) => ({ faults: form === 'short' ? { CHAOS_LOCK_MS: '2000' } : undefined }),
  async run(stage) {
    const maxWrites = stage.pick({ full: 10_000, short: 800 });
    const rows = stage.pick({ full: 100_000, short: 10_000 });
    const writesPerSecond = stage.pick({ full: 200, short: 150 });
    // Single writes overtake imports: without an end of them a slow machine would never come to the rows.
    await stage.load({ writesPerSecond, maxWrites, uploads: false });
    const importId = await stage.upload(rows);
    const isOver = async () => {
      const path = `/api/customer/imports/${importId}`;
      const view = (await stage.client.read(path)) as { counts: { processed: number } } | undefined;
      return view?.counts.processed === rows && stage.ledger.writes >= maxWrites ? true : undefined;
    };

    const over = until('all to be written', isOver, { timeoutMs: MAX_MS, everyMs: 250 });
    const killing = new AbortController();
    const ending = over.finally(() => {
      killing.abort();
    });
    const [recoveries] = await Promise.all([killInTurn(killing.signal), ending]);
    await Promise.all(recoveries);
    stage.notes.push(`${recoveries.length} kills`);

    async function killInTurn(signal: AbortSignal): Promise<Promise<void>[]> {
      const recovering: Promise<void>[] = [];
      for (;;) {
        await delay(EVERY_S[stage.form] * 1_000, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) return recovering;
        const worker = stage.worker(recovering.length % stage.workers.length);
        await worker.crash();
        // The next kill does not wait for what this one has interrupted.
        recovering.push(stage.recoversJobs(worker));
      }
    }
  },
};
