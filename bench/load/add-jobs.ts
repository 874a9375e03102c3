// Adds jobs with BullMQ alone, 64 in flight: what the queue itself can do.
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { takeTask, tell } from '../child.ts';
import { benchRows } from '../rows.ts';

export interface AddTask {
  redisUrl: string;
  prefix: string;
  inFlight: number;
  seconds: number;
  warmUpSeconds: number;
}

const { redisUrl, prefix, inFlight, seconds, warmUpSeconds } = await takeTask<AddTask>();
const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
const queue = new Queue('bare.jobs', { connection, prefix });
const rows = benchRows('add', 0, 5_000);
const options = { attempts: 10, backoff: { type: 'exponential', delay: 500 } };
let added = 0;

async function addFor(ms: number): Promise<number> {
  const startedAt = performance.now();
  const before = added;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (performance.now() - startedAt < ms) {
        added += 1;
        await queue.add('CREATE_CUSTOMER', { ...rows[added % rows.length], number: added }, options);
      }
    }),
  );
  return ((added - before) / (performance.now() - startedAt)) * 1_000;
}

await addFor(warmUpSeconds * 1_000);
const perSecond = await addFor(seconds * 1_000);
await queue.close();
connection.disconnect();
tell({ perSecond });
