import type { Stage } from '../stage.ts';

/** Queues a job of an operator that does, in the worker, what its request id says: see worker-faults.mjs. */
export async function queueTestJob(stage: Stage, requestId: string): Promise<string> {
  const { status, body } = await stage.client.attempt({
    method: 'POST',
    path: '/api/queue/test/job',
    headers: { 'x-request-id': requestId },
  });
  if (status !== 202) throw new Error(`The job ${requestId} was not accepted: ${status}`);
  return (body as { data: { jobId: string } }).data.jobId;
}

export async function jobStatus(stage: Stage, jobId: string): Promise<string | undefined> {
  const job = (await stage.client.read(`/api/jobs/${jobId}`)) as { status?: string } | undefined;
  return job?.status;
}
