import { setTimeout as delay } from 'node:timers/promises';
import type { Scenario } from '../scenario.ts';
import { until } from '../until.ts';
import { jobStatus, queueTestJob } from './test-jobs.ts';

const DEAD_MS = 240_000;

/** A job that kills the process at every delivery, among others that must not suffer for it. */
export const killerJob: Scenario = {
  name: 'killer-job',
  title: 'job that kills its process',
  inShortForm: true,
  deadLetters: 1,
  cast: (form) => ({ faults: form === 'short' ? { CHAOS_LOCK_MS: '2000' } : {} }),
  async run(stage) {
    for (const worker of stage.workers) worker.keepAlive();
    await stage.load({ writesPerSecond: 60 });
    await delay(1_000);
    const jobId = await queueTestJob(stage, 'chaos-kill');
    const isDead = async () => ((await jobStatus(stage, jobId)) === 'failed' ? true : undefined);
    await until('the killer to be a dead letter', isDead, { timeoutMs: DEAD_MS, everyMs: 100 });
    await stage.recovers(['completed'], () => undefined);
    const deaths = stage.workers.reduce((sum, { starts }) => sum + starts - 1, 0);
    stage.notes.push(`the job killed ${deaths} processes before it was a dead letter`);
  },
};
