import { buildCustomer } from '../factories/customer';
import { buildCsv } from '../factories/csv';
import type { Client } from '../helpers/client';
import { acceptedImport, readCustomer } from '../helpers/customers';
import { DeadJobs } from '../helpers/dead-jobs';
import { Scrape } from '../helpers/scrape';
import { startTcpProxy } from '../helpers/tcp-proxy';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitFor, waitForImport, waitForJob } from '../helpers/wait';

const PATH = '/api/queue/customer.jobs/dead-letter';
/** What is left in a job whose workers died too often. */
const GIVEN_UP = { defa: 'job stalled more than allowable limit', stc: '4', crashes: '3' };

describe('a replay of dead letters', () => {
  let app: TestApp;
  let jobs: DeadJobs;
  let client: Client;

  beforeEach(async () => {
    app = await createTestApp({ role: 'api' });
    jobs = DeadJobs.of(app);
    client = app.client({ roles: ['operator'], sub: 'olga' });
  });

  afterEach(async () => {
    await jobs.close();
    await app.close();
  });

  const replayOf = async () => (await client.get(PATH)).body.data.replay;
  const untilReplayed = () =>
    waitFor('the replay to be over', replayOf, (replay) => replay !== null && replay.status !== 'running');
  const withWorker = async (use: (worker: TestApp) => Promise<void>): Promise<void> => {
    const worker = await createTestApp({ role: 'worker', variables: app.variables });
    try {
      await use(worker);
    } finally {
      await worker.close();
    }
  };

  it('makes no job of the queue look late: what was dead did not wait', async () => {
    const [jobId = ''] = await jobs.make(1);
    await jobs.mark(jobId, { timestamp: String(Date.now() - 3 * 24 * 3_600_000) });

    await client.post(`${PATH}/retry`);
    await untilReplayed();
    const waiting = await Scrape.of(app.url);
    let waits: number | undefined;
    await withWorker(async (worker) => {
      await waitFor('the job to die again', jobs.dead.bind(jobs), (dead) => dead.length === 1);
      waits = (await Scrape.of(worker.url)).value('insightcrm_job_wait_seconds_sum');
    });
    const { body } = await client.get('/api/queue/customer.jobs/details');

    expect(waiting.value('insightcrm_queue_jobs', { queue: 'customer.jobs', state: 'pending' })).toBe(1);
    expect(waiting.value('insightcrm_queue_oldest_waiting_seconds', { queue: 'customer.jobs' })).toBeLessThan(
      60,
    );
    expect(body.data.waitMs.p99).toBeLessThan(60_000);
    expect(waits ?? 0).toBeLessThan(60);
  });

  describe('of some or all', () => {
    it('makes all that are dead run again, as if for the first time', async () => {
      const dead = await jobs.make(7);

      const answer = await client.post(`${PATH}/retry`, { perSecond: 1000 });
      const replay = await untilReplayed();
      const [fields, ran] = [await jobs.fields(dead[0] ?? ''), await jobs.work()];

      expect(answer.status).toBe(202);
      expect(answer.headers.get('location')).toBe(PATH);
      expect(answer.body.data).toEqual({ queue: 'customer.jobs', jobs: 7, perSecond: 1000, notFound: [] });
      expect(replay).toEqual({
        status: 'completed',
        by: 'olga',
        startedAt: expect.stringMatching(/^\d{4}-.*Z$/),
        finishedAt: expect.stringMatching(/^\d{4}-.*Z$/),
        perSecond: 1000,
        total: 7,
        done: 7,
        skipped: 0,
      });
      expect(fields).not.toHaveProperty('atm');
      expect(ran.sort()).toEqual(dead.sort());
      expect(await jobs.dead()).toEqual([]);
    });

    it('makes those run again that are named, and says which are no dead letters', async () => {
      const [one = '', two = '', three = ''] = await jobs.make(3);
      const waiting = (await client.post('/api/queue/test/job')).body.data.jobId;

      const answer = await client.post(`${PATH}/retry`, { jobIds: [one, two, one, waiting, 'nobody'] });
      await untilReplayed();

      expect(answer.body.data).toMatchObject({ jobs: 2, notFound: [waiting, 'nobody'] });
      expect(await jobs.dead()).toEqual([three]);
      expect((await jobs.work()).sort()).toEqual([one, two, waiting].sort());
    });

    it('goes at the rate that the service has by default, where none is given', async () => {
      expect((await client.post(`${PATH}/retry`)).body.data).toMatchObject({ jobs: 0, perSecond: 50 });
    });

    it('does not replay again what dies again meanwhile', async () => {
      const dead = await jobs.make(4);

      await client.post(`${PATH}/retry`, { perSecond: 2 });
      // Each dies again as soon as it is back.
      await waitFor(
        'the replay to come to all',
        async () => {
          await jobs.make(0);
          return await replayOf();
        },
        ({ status }) => status === 'completed',
      );

      expect(await replayOf()).toMatchObject({ total: 4, done: 4 });
      expect((await jobs.dead()).sort()).toEqual(dead.sort());
    });

    it('passes over what was deleted before its turn', async () => {
      const [first = '', last = ''] = await jobs.make(2);
      await jobs.age(first, 60_000);

      await client.post(`${PATH}/retry`, { perSecond: 1 });
      await client.delete(`${PATH}/${last}`);

      expect(await untilReplayed()).toMatchObject({ total: 2, done: 1, skipped: 1 });
      expect(await jobs.work()).toEqual([first]);
    });

    it('passes over what was replayed by another hand and died again before its turn', async () => {
      const [first = '', last = ''] = await jobs.make(2);
      await jobs.age(first, 60_000);

      await client.post(`${PATH}/retry`, { perSecond: 1 });
      await jobs.age(last, 1_000);

      expect(await untilReplayed()).toMatchObject({ total: 2, done: 1, skipped: 1 });
      expect(await jobs.dead()).toEqual([last]);
    });

    it.each([
      ['no ids', { jobIds: [] }],
      ['too many ids', { jobIds: Array(1001).fill('x') }],
      ['an id that is no text', { jobIds: [5] }],
      ['an empty id', { jobIds: [''] }],
      ['ids that are no list', { jobIds: 'x' }],
      ['no rate', { perSecond: 0 }],
      ['a rate that is too high', { perSecond: 1001 }],
      ['an unknown field', { all: true }],
    ])('is refused for %s', async (_, body) => {
      const [jobId] = await jobs.make(1);

      expect((await client.post(`${PATH}/retry`, body)).status).toBe(400);
      expect(await jobs.dead()).toEqual([jobId]);
    });
  });

  it('keeps to its rate', async () => {
    await jobs.make(30);

    await client.post(`${PATH}/retry`, { perSecond: 10 });
    const replay = await untilReplayed();

    expect(replay.done).toBe(30);
    expect(Date.parse(replay.finishedAt) - Date.parse(replay.startedAt)).toBeGreaterThanOrEqual(2_500);
  });

  it('is one at a time for a queue, over all API processes', async () => {
    await jobs.make(20);
    const other = await createTestApp({ role: 'api', variables: app.variables });

    await client.post(`${PATH}/retry`, { perSecond: 2 });
    const again = await client.post(`${PATH}/retry`);
    const elsewhere = await other.client({ roles: ['operator'] }).post(`${PATH}/retry`);
    await other.close();

    for (const { status, headers } of [again, elsewhere]) {
      expect(status).toBe(409);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(1);
    }
  });

  it('waits out an outage of Redis, and comes to all jobs', async () => {
    const dead = await jobs.make(10);
    const proxy = await startTcpProxy(app.variables.REDIS_URL ?? '');
    const variables = { ...app.variables, REDIS_URL: `redis://127.0.0.1:${proxy.port}` };
    const behind = await createTestApp({ role: 'api', variables });
    const operator = behind.client({ roles: ['operator'] });

    await operator.post(`${PATH}/retry`, { perSecond: 5 });
    proxy.cut();
    const away = await Promise.all([
      operator.get(PATH),
      operator.post(`${PATH}/retry`),
      operator.delete(`${PATH}/${dead[0]}`),
    ]);
    proxy.restore();
    const replay = await untilReplayed();
    await behind.close();
    await proxy.close();

    expect(away.map(({ status }) => status)).toEqual([503, 503, 503]);
    expect(replay).toMatchObject({ status: 'completed', total: 10 });
    expect(Number(replay.done) + Number(replay.skipped)).toBe(10);
    expect((await jobs.work()).sort()).toEqual(dead.sort());
  });

  it('stops with its process; what it had not come to stays dead, and can be replayed by another', async () => {
    await jobs.make(20);
    await client.post(`${PATH}/retry`, { perSecond: 2 });

    await app.close();
    const other = await createTestApp({ role: 'api', variables: app.variables });
    client = other.client({ roles: ['operator'] });
    const stopped = await replayOf();
    const left = await jobs.dead();
    const again = await client.post(`${PATH}/retry`, { perSecond: 1000 });
    await untilReplayed();
    await other.close();

    expect(stopped).toMatchObject({ status: 'interrupted', total: 20, done: 20 - left.length });
    expect(left.length).toBeGreaterThan(10);
    expect(again.body.data).toMatchObject({ jobs: left.length });
    expect(await jobs.dead()).toEqual([]);
  });

  describe('by workers of the service', () => {
    it('really runs a write that was given up since its workers died too often', async () => {
      const { jobId, customerId } = (await client.post('/api/customer', buildCustomer())).body.data;
      await jobs.mark(jobId, GIVEN_UP);

      await withWorker(async () => {
        const dead = await waitForJob(client, jobId);
        await jobs.mark(jobId, GIVEN_UP);
        await client.post(`${PATH}/retry`, { jobIds: [jobId] });
        await untilReplayed();
        const job = await waitForJob(client, jobId);

        expect(dead.status).toBe('failed');
        expect(job).toMatchObject({ status: 'completed', result: { customerId } });
        expect(await readCustomer(client, customerId)).toMatchObject({ id: customerId });
        expect(await jobs.fields(jobId)).not.toHaveProperty('stc');
      });
    });

    it('ends an import well whose chunk can be read now', async () => {
      const importId = await acceptedImport(client, buildCsv({ rows: 10 }));
      const jobId = `${importId}-0`;
      const bytesKey = `${jobs.prefix}:import:${importId}:chunk:0`;
      const bytes = await jobs.redis.getBuffer(bytesKey);
      await jobs.redis.set(bytesKey, 'not readable', 'KEEPTTL');
      const opts = JSON.parse((await jobs.fields(jobId)).opts ?? '{}');
      await jobs.mark(jobId, { opts: JSON.stringify({ ...opts, attempts: 1 }) });

      await withWorker(async () => {
        const failed = await waitForImport(client, importId);
        await waitFor(
          'the chunk to be a dead letter',
          async () => (await client.get(PATH)).body.data.total,
          (total) => total === 1,
        );
        await jobs.redis.set(bytesKey, bytes ?? '', 'KEEPTTL');
        await client.post(`${PATH}/retry`);
        const mended = await waitFor(
          'the import to be mended',
          async () => (await client.get(`/api/customer/imports/${importId}`)).body.data,
          ({ status }) => status !== 'failed',
        );

        expect(failed).toMatchObject({ status: 'failed', counts: { processed: 0 } });
        expect(mended).toMatchObject({ status: 'completed', counts: { processed: 10, created: 10 } });
      });
    });
  });
});

describe('an import whose chunk is a dead letter', () => {
  const settings = { IMPORT_RETENTION_HOURS: '1', DEAD_LETTER_RETENTION_HOURS: '3' };
  const THREE_HOURS = 3 * 3_600_000;

  it('keeps what a replay needs for as long as the dead letter, also one that died twice', async () => {
    const app = await createTestApp({ role: 'api', variables: settings });
    const jobs = DeadJobs.of(app);
    const client = app.client({ roles: ['operator'] });
    const importId = await acceptedImport(client, buildCsv({ rows: 10 }));
    const keys = ['', ':settled', ':chunk:0'].map((end) => `${jobs.prefix}:import:${importId}${end}`);
    const ttls = () => Promise.all(keys.map((key) => jobs.redis.pttl(key)));
    const give = () => jobs.mark(`${importId}-0`, GIVEN_UP);

    await give();
    const worker = await createTestApp({ role: 'worker', variables: app.variables });
    await waitForImport(client, importId);
    const once = await ttls();
    await worker.close();
    await client.post(`${PATH}/retry`);
    await waitFor('the replay', jobs.dead.bind(jobs), (dead) => dead.length === 0);
    await give();
    for (const key of keys) await jobs.redis.pexpire(key, 60_000);
    const second = await createTestApp({ role: 'worker', variables: app.variables });
    const twice = await waitFor('the chunk to die again', ttls, ([ttl = 0]) => ttl > 60_000);
    await second.close();
    await jobs.close();
    await app.close();

    for (const ttl of [...once, ...twice]) expect(ttl).toBeGreaterThan(THREE_HOURS - 60_000);
  });
});
