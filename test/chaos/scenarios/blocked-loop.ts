import { setTimeout as delay } from 'node:timers/promises';
import type { Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { until } from '../until.ts';
import { jobStatus, queueTestJob } from './test-jobs.ts';

const BLOCK_MS = 25_000;
const AGAIN_MS = 60_000;

/** The locks of a worker's jobs expire under it: others take them, and it goes on with them when it wakes up. */
export const blockedLoop: Scenario = {
  name: 'blocked-loop',
  title: () => `event loop blocked for ${BLOCK_MS / 1_000} s, longer than the lock`,
  inShortForm: false,
  cast: () => ({ faults: {} }),
  async run(stage) {
    await stage.load();
    await stage.upload(stage.pick({ full: 20_000, short: 2_000 }));
    for (let block = 0; block < stage.pick({ full: 2, short: 1 }); block++) {
      const jobId = await queueTestJob(stage, `chaos-block-${BLOCK_MS}-${block}`);
      const isActive = async () => ((await jobStatus(stage, jobId)) === 'queued' ? undefined : true);
      await until('the blocking job to be taken', isActive, { timeoutMs: 60_000 });
      await delay(BLOCK_MS);
      await stage.recovers(['completed'], () => undefined);
      await untilTakenAgain(stage, jobId);
    }
  },
};

/** Without a second delivery the lock has not expired, and nothing was tried. */
async function untilTakenAgain(stage: Stage, jobId: string): Promise<void> {
  const isTakenAgain = async () => {
    const job = await stage.queue.getJob(jobId);
    return (job?.attemptsStarted ?? 0) > 1 ? true : undefined;
  };
  await until('the blocking job to be delivered again', isTakenAgain, { timeoutMs: AGAIN_MS });
}
