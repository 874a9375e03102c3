import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { Job, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { CrashIsolation, MAX_CRASHES } from './crash-isolation';

/** What BullMQ counts each time a job was found without a living worker. */
const STALLED = 'stc';

describe('crash isolation', () => {
  const redis = new Redis(process.env.TEST_REDIS_URL ?? '', { maxRetriesPerRequest: null });
  const queue = new Queue('isolation', { connection: redis, prefix: `{test-${randomUUID()}}` });
  const isolation = new CrashIsolation(redis, queue);

  afterAll(async () => {
    await queue.obliterate({ force: true });
    await queue.close();
    redis.disconnect();
  });

  const addJob = async (timesStalled: number) => {
    const { id = '' } = await queue.add('A_JOB', {});
    await redis.hset(queue.toKey(id), STALLED, timesStalled);
    const job = await Job.fromId<unknown>(queue, id);
    if (!job) throw new Error(`There is no job ${id}`);
    return job as Job<unknown, never>;
  };
  /** Work that never ends, as of a process that died in it. */
  const dies = () => new Promise<never>(() => undefined);

  it('lets jobs that never stalled run side by side', async () => {
    const [one, two] = [await addJob(0), await addJob(0)];
    const meeting = Promise.withResolvers<undefined>();

    const results = await Promise.all([
      isolation.run(one, () => meeting.promise),
      isolation.run(two, async () => {
        meeting.resolve(undefined);
        return Promise.resolve('met');
      }),
    ]);

    expect(results).toEqual([undefined, 'met']);
  });

  it('lets a job that stalled run alone: after those that run, and before those that come later', async () => {
    const [running, suspect, later] = [await addJob(0), await addJob(1), await addJob(0)];
    const order: string[] = [];
    const step = (name: string) => async () => {
      order.push(`${name} begins`);
      await setTimeout(20);
      order.push(`${name} ends`);
    };

    await Promise.all([
      isolation.run(running, step('running')),
      isolation.run(suspect, step('suspect')),
      isolation.run(later, step('later')),
    ]);

    expect(order).toEqual(
      ['running', 'suspect', 'later'].flatMap((name) => [`${name} begins`, `${name} ends`]),
    );
  });

  it('gives a job up in which process after process died while it ran alone', async () => {
    const job = await addJob(1);
    for (let process = 0; process < MAX_CRASHES; process++) {
      const begun = Promise.withResolvers<undefined>();
      void new CrashIsolation(redis, queue).run(job, () => {
        begun.resolve(undefined);
        return dies();
      });
      await begun.promise;
    }

    await expect(isolation.run(job, () => Promise.resolve('ran'))).rejects.toMatchObject({
      name: 'UnrecoverableError',
    });
  });

  it('clears a job that came to its end, however often it stalled', async () => {
    const job = await addJob(20);

    for (let times = 0; times <= MAX_CRASHES; times++) {
      await isolation.run(job, () => Promise.reject(new Error('a fault'))).catch(() => undefined);
    }

    expect(await isolation.run(job, () => Promise.resolve('ran'))).toBe('ran');
  });

  it('makes no key of a job that is gone', async () => {
    const job = await addJob(1);
    await job.remove();

    await isolation.run(job, () => Promise.resolve());

    expect(await redis.exists(queue.toKey(job.id ?? ''))).toBe(0);
  });
});
