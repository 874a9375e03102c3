import { setTimeout as delay } from 'node:timers/promises';
import type { Scenario } from '../scenario.ts';
import { until } from '../until.ts';

const MAX_MS = 600_000;

/** A worker is killed every few seconds, in turn, during a large import and many single writes. */
export const workerKilled: Scenario = {
  name: 'worker-killed',
  title: 'worker killed (-9) every 5 s, import and single writes',
  inShortForm: true,
  cast: (form) => ({ faults: form === 'short' ? { CHAOS_LOCK_MS: '3000' } : undefined }),
  async run(stage) {
    const writes = stage.pick({ full: 10_000, short: 800 });
    const rows = stage.pick({ full: 100_000, short: 10_000 });
    await stage.load({ writesPerSecond: stage.pick({ full: 200, short: 150 }), uploads: false });
    const importId = await stage.upload(rows);
    const isOver = async () => {
      const path = `/api/customer/imports/${importId}`;
      const view = (await stage.client.read(path)) as { counts: { processed: number } } | undefined;
      return view?.counts.processed === rows && stage.ledger.writes >= writes ? true : undefined;
    };

    const over = until('all to be written', isOver, { timeoutMs: MAX_MS, everyMs: 250 });
    const killing = new AbortController();
    const kills = killInTurn(killing.signal);
    await over.finally(() => {
      killing.abort();
    });
    stage.notes.push(`${await kills} kills`);

    async function killInTurn(signal: AbortSignal): Promise<number> {
      let count = 0;
      for (;;) {
        await delay(stage.pick({ full: 5_000, short: 3_000 }), undefined, { signal }).catch(() => undefined);
        if (signal.aborted) return count;
        const worker = stage.worker(count++ % stage.workers.length);
        await worker.crash();
        await stage.recovers(['completed'], () => {
          worker.start();
        });
      }
    }
  },
};
