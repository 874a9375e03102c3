import { setTimeout as delay } from 'node:timers/promises';
import type { Scenario } from '../scenario.ts';
import { until } from '../until.ts';
import { jobStatus, queueTestJob } from './test-jobs.ts';

const DEAD_MS = 240_000;

/** A job that kills the process at every delivery, among others that must not suffer for it. */
export const killerJob: Scenario = {
  name: 'killer-job',
  title: () => 'job that kills its process',
  inShortForm: true,
  deadLetters: 1,
  cast: (form) => ({ faults: form === 'short' ? { CHAOS_LOCK_MS: '3000' } : {} }),
  async run(stage) {
    let jobId: string | undefined;
    const restarts: Promise<void>[] = [];
    for (const worker of stage.workers) {
      worker.onEnd(() => {
        restarts.push(stage.recoversJobs(worker, jobId));
      });
    }
    await stage.load({ writesPerSecond: 60 });
    await delay(1_000);
    const killerId = (jobId = await queueTestJob(stage, 'chaos-kill'));
    const isDead = async () => ((await jobStatus(stage, killerId)) === 'failed' ? true : undefined);
    await until('the killer to be a dead letter', isDead, { timeoutMs: DEAD_MS, everyMs: 100 });
    await Promise.all(restarts);
    stage.notes.push(`the job killed ${restarts.length} processes before it was a dead letter`);
  },
};
