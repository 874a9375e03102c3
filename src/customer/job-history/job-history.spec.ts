import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Model } from 'mongoose';
import { Environment } from '../../config/environment';
import type { EndedJob } from './ended-job.schema';
import type { JobHistoryEntry } from './job-end';
import { JobHistory } from './job-history';

type Write = { ids: string[]; expiresAt: Date[] } & PromiseWithResolvers<undefined>;

const entry = (id: string): JobHistoryEntry => ({
  _id: id,
  tenantId: 't',
  type: 'TEST_QUEUE',
  status: 'completed',
  attempts: 1,
  result: {},
  error: null,
  queuedAt: new Date(0),
  startedAt: new Date(0),
  finishedAt: new Date(0),
});

/** A history whose writes to MongoDB end when the test says so. */
const newHistory = () => {
  const writes: Write[] = [];
  const bulkWrite = (upserts: { replaceOne: { filter: { _id: string }; replacement: EndedJob } }[]) => {
    const ids = upserts.map(({ replaceOne }) => replaceOne.filter._id);
    const expiresAt = upserts.map(({ replaceOne }) => replaceOne.replacement.expiresAt);
    const write = { ids, expiresAt, ...Promise.withResolvers<undefined>() };
    writes.push(write);
    return write.promise;
  };
  const history = new JobHistory(
    { collection: { bulkWrite } } as unknown as Model<EndedJob>,
    { toKey: (id: string) => id } as unknown as Queue,
    { eval: () => Promise.resolve(null) } as unknown as Redis,
    Environment.read({
      REDIS_URL: 'redis://localhost',
      MONGODB_URI: 'mongodb://localhost/x',
      APP_ROLE: 'worker',
      JOB_HISTORY_HOURS: '2',
    }),
  );
  return { history, writes };
};

/** Until all that can go on without the database has gone on. */
const settled = () => new Promise(setImmediate);

describe('job history', () => {
  it('writes what comes during a write together, in the next one', async () => {
    const { history, writes } = newHistory();

    const first = history.record(entry('a'));
    await settled();
    const others = ['b', 'c', 'd'].map((id) => history.record(entry(id)));
    await settled();
    const atOnce = writes.length;
    writes[0]?.resolve(undefined);
    await first;
    await settled();
    writes[1]?.resolve(undefined);
    await Promise.all(others);

    expect(atOnce).toBe(1);
    expect(writes.map(({ ids }) => ids)).toEqual([['a'], ['b', 'c', 'd']]);
  });

  it('tells nobody that it is written before it is', async () => {
    const { history, writes } = newHistory();
    let told = false;

    const recorded = history.record(entry('a')).then(() => (told = true));
    await settled();
    const early = told;
    writes[0]?.resolve(undefined);
    await recorded;

    expect({ early, told }).toEqual({ early: false, told: true });
  });

  it('tells all whose write failed, and goes on with the next', async () => {
    const { history, writes } = newHistory();

    const failing = Promise.allSettled([history.record(entry('a')), history.record(entry('b'))]);
    await settled();
    writes[0]?.reject(new Error('away'));
    const outcomes = await failing;
    const next = history.record(entry('a'));
    await settled();
    writes[1]?.resolve(undefined);
    await next;

    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(writes[1]?.ids).toEqual(['a']);
  });

  it('writes twins of a job once', async () => {
    const { history, writes } = newHistory();

    const twins = Promise.all([history.record(entry('a')), history.record(entry('a'))]);
    await settled();
    writes[0]?.resolve(undefined);
    await twins;

    expect(writes.map(({ ids }) => ids)).toEqual([['a']]);
  });

  it('keeps an end as long as it is told to', async () => {
    const { history, writes } = newHistory();

    const recorded = history.record(entry('a'));
    await settled();
    writes[0]?.resolve(undefined);
    await recorded;

    expect(writes[0]?.expiresAt).toEqual([new Date(2 * 3_600_000)]);
  });
});
