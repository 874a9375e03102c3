import type { Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { until } from '../until.ts';

const CHUNK_ROWS = 1_000;
const ROWS = 4 * CHUNK_ROWS;
const DONE_MS = 120_000;

/** The worker dies while it writes the last chunk, and in the moment in which it tells the end. */
export const lastChunk: Scenario = {
  name: 'last-chunk',
  title: () => 'worker killed during the last chunk of an import',
  inShortForm: true,
  cast: (form) => ({
    workers: 1,
    env: { WORKER_CONCURRENCY: '1' },
    faults: form === 'short' ? { CHAOS_LOCK_MS: '2000' } : undefined,
  }),
  async run(stage) {
    for (let time = 0; time < stage.pick({ full: 4, short: 1 }); time++) {
      await killedWhen(stage, (importId) => lastChunkRuns(stage, importId));
      await killedWhen(stage, () => endIsTold(stage));
    }
  },
};

async function killedWhen(stage: Stage, moment: (importId: string) => Promise<unknown>): Promise<void> {
  const worker = stage.worker(0);
  await worker.ready();
  const importId = await stage.upload(ROWS);
  await moment(importId);
  await worker.crash();
  worker.start();
  const startedAt = performance.now();
  const isOver = async () => {
    const view = await readImport(stage, importId);
    return view?.counts.processed === ROWS && (stage.pulse.completedImports.get(importId)?.size ?? 0) > 0
      ? true
      : undefined;
  };
  await until('the import to end', isOver, { timeoutMs: DONE_MS });
  stage.recoveriesMs.push(performance.now() - startedAt);
}

async function lastChunkRuns(stage: Stage, importId: string): Promise<true> {
  const isLast = async () =>
    ((await readImport(stage, importId))?.counts.processed ?? 0) >= ROWS - CHUNK_ROWS ? true : undefined;
  return until('the last chunk to run', isLast, { timeoutMs: DONE_MS, everyMs: 1 });
}

/** The job is then still active, or just about to be moved to its end. */
function endIsTold(stage: Stage): Promise<void> {
  return new Promise((resolve) => {
    stage.pulse.onImportCompleted(resolve);
  });
}

async function readImport(stage: Stage, importId: string) {
  return (await stage.client.read(`/api/customer/imports/${importId}`)) as
    { counts: { processed: number } } | undefined;
}
