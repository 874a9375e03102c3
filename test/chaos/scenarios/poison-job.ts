import { setTimeout as delay } from 'node:timers/promises';
import type { Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { until } from '../until.ts';

/** No client can send these: they stand for a bug, or for jobs of another version. */
const POISON: [name: string, payload: unknown][] = [
  ['NO_SUCH_JOB', {}],
  ['CREATE_CUSTOMER', {}],
  ['CREATE_CUSTOMER', null],
  ['UPDATE_CUSTOMER', { customerId: 7, changes: 'none' }],
  ['UPDATE_CUSTOMER_STATS', { customerId: {}, spentCents: 'a lot' }],
  ['BULK_IMPORT_CUSTOMERS', { importId: null }],
];
const DEAD_MS = 60_000;

/** Each is a dead letter, nothing of it is written, and no other job suffers. */
export const poisonJob: Scenario = {
  name: 'poison-job',
  title: () => 'poison jobs: unknown names, malformed payloads',
  inShortForm: true,
  deadLetters: POISON.length,
  async run(stage) {
    await stage.load();
    await delay(1_000);
    for (const [index, [name, payload]] of POISON.entries()) {
      const jobId = `poison-${index}`;
      await stage.queue.add(name, payload, { jobId });
      await untilDead(stage, jobId, `${name} ${JSON.stringify(payload)}`);
    }
    const strays = await stage.db
      .collection('customers')
      .countDocuments({ tenantId: { $ne: stage.tenantId } });
    if (strays > 0) stage.problems.push(`${strays} customers of nobody were written by poison jobs`);
  },
};

async function untilDead(stage: Stage, jobId: string, what: string): Promise<void> {
  const end = async () => {
    const state = await stage.queue.getJobState(jobId);
    return state === 'failed' || state === 'completed' ? state : undefined;
  };
  const state = await until(`${what} to end`, end, { timeoutMs: DEAD_MS });
  if (state !== 'failed') stage.problems.push(`${what} is ${state}, where it must be a dead letter`);
}
