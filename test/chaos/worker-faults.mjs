// Loaded into a worker before the service (node --import), for faults that can only be made from within. What a job is
// to do is said by its request id, which the API takes from the header x-request-id:
//
//   chaos-kill…        the process is killed while it has the job, at every delivery
//   chaos-block-<ms>…  the event loop is blocked for so long, at the first delivery
//
// CHAOS_TWICE=true   every job is delivered twice at once, as to two workers of which one has lost its lock
// CHAOS_LOCK_MS      another duration of the lock, with a look for stalled jobs in half of it
import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';
import { Job, Worker } from 'bullmq';

const lockMs = Number(process.env.CHAOS_LOCK_MS ?? 0);
const twice = process.env.CHAOS_TWICE === 'true';

const createLockManager = Worker.prototype.createLockManager;
Worker.prototype.createLockManager = function () {
  if (lockMs > 0) {
    Object.assign(this.opts, {
      lockDuration: lockMs,
      lockRenewTime: lockMs / 2,
      stalledInterval: Math.ceil(lockMs / 2),
    });
  }
  return createLockManager.call(this);
};

// Where a handler would be called: what the service does around it, it does.
const { JobRuns } = createRequire(import.meta.url)('../../dist/customer/worker/job-runs.js');
const run = JobRuns.prototype.run;
JobRuns.prototype.run = async function (job) {
  const requestId = String(job.data.requestId ?? '');
  if (requestId.startsWith('chaos-kill')) process.kill(process.pid, 'SIGKILL');
  const [, blockMs] = /^chaos-block-(\d+)/.exec(requestId) ?? [];
  if (blockMs !== undefined && job.attemptsStarted <= 1) {
    const until = performance.now() + Number(blockMs);
    while (performance.now() < until);
  }
  return run.call(this, job);
};

const callProcessJob = Worker.prototype.callProcessJob;
Worker.prototype.callProcessJob = async function (job, token, signal) {
  if (!twice) return callProcessJob.call(this, job, token, signal);

  const copy = Object.assign(Object.create(Job.prototype), job);
  const ends = await Promise.allSettled([
    callProcessJob.call(this, job, token, signal),
    callProcessJob.call(this, copy, token, signal),
  ]);
  // Where one of the two has put the job back, the queue must hear that and nothing else.
  const moved = ends.find(({ reason }) => ['DelayedError', 'WaitingError'].includes(reason?.name));
  const end = moved ?? ends[0];
  if (end.status === 'rejected') throw end.reason;
  return end.value;
};
