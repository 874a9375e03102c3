import { setTimeout } from 'node:timers/promises';
import type { Client } from './client';

/** Waits for a condition; throws with what was seen last when time is up. */
export async function waitFor<T>(
  what: string,
  look: () => Promise<T>,
  isThere: (seen: T) => boolean,
  { timeoutMs = 15_000, everyMs = 25 } = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (isThere(seen)) return seen;
    if (Date.now() > deadline)
      throw new Error(`Waited ${timeoutMs} ms for ${what}; last seen: ${JSON.stringify(seen)}`);
    await setTimeout(everyMs);
  }
}

const ENDED = ['completed', 'failed'];

/** The job's data once it ended, well or not. */
export async function waitForJob(client: Client, jobId: string, options?: { timeoutMs?: number }) {
  const answer = await waitFor(
    `job ${jobId} to end`,
    () => client.get(`/api/jobs/${jobId}`),
    ({ body }) => ENDED.includes(body.data?.status),
    options,
  );
  return answer.body.data;
}

const IMPORT_ENDED = ['completed', 'completed_with_errors', 'failed', 'cancelled'];

/** The import's data once it ended. */
export async function waitForImport(client: Client, importId: string, options?: { timeoutMs?: number }) {
  const answer = await waitFor(
    `import ${importId} to end`,
    () => client.get(`/api/customer/imports/${importId}`),
    ({ body }) => IMPORT_ENDED.includes(body.data?.status),
    options,
  );
  return answer.body.data;
}
