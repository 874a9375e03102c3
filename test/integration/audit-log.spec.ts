import { buildCustomer } from '../factories/customer';
import type { Client } from '../helpers/client';
import { readCustomer } from '../helpers/customers';
import { DeadJobs } from '../helpers/dead-jobs';
import { ADMIN_PASSWORD } from '../helpers/environment';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitFor, waitForJob } from '../helpers/wait';

const PATH = '/api/queue/customer.jobs/dead-letter';
const BOARD = '/admin/queues/api/queues/customer.jobs';
const BASIC = { authorization: `Basic ${Buffer.from(`admin:${ADMIN_PASSWORD}`).toString('base64')}` };
const GIVEN_UP = { defa: 'job stalled more than allowable limit', stc: '4', crashes: '3' };

describe('the audit log', () => {
  let app: TestApp;
  let jobs: DeadJobs;
  let client: Client;

  beforeEach(async () => {
    app = await createTestApp({ role: 'api' });
    jobs = DeadJobs.of(app);
    client = app.client({ roles: ['operator'], sub: 'olga', tenantId: 'acme' });
  });

  afterEach(async () => {
    await jobs.close();
    await app.close();
  });

  const auditLog = async (query = '') => (await client.get(`/api/queue/audit${query}`)).body.data;
  const board = (path: string, headers: Record<string, string> = BASIC, body?: object) =>
    client.fetch(BOARD + path, {
      method: 'PUT',
      headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  const untilNoneIsDead = () => waitFor('the replay', jobs.dead.bind(jobs), (dead) => dead.length === 0);

  describe('of the routes', () => {
    it('has who replayed and deleted what, and when, the newest first', async () => {
      const [one = '', two = '', three = ''] = await jobs.make(3);
      const startedAt = Date.now();

      await client.delete(`${PATH}/${one}`);
      await client.fetch(`${PATH}/retry`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-request-id': 'request-7' },
        body: JSON.stringify({ jobIds: [two, 'nobody'], perSecond: 1000 }),
      });
      await waitFor('the first replay', jobs.dead.bind(jobs), (dead) => dead.length === 1);
      await waitFor('its end', replayStatus, (status) => status === 'completed');
      await client.post(`${PATH}/retry`);

      const { items, nextCursor } = await auditLog();
      const actor = { userId: 'olga', tenantId: 'acme', queue: 'customer.jobs' };
      expect(nextCursor).toBeNull();
      expect(items).toEqual([
        expect.objectContaining({ ...actor, action: 'dead-letter.retry-all', jobIds: null, count: 1 }),
        expect.objectContaining({
          ...actor,
          action: 'dead-letter.retry',
          jobIds: [two],
          count: 1,
          requestId: 'request-7',
          details: { perSecond: 1000 },
        }),
        expect.objectContaining({ ...actor, action: 'dead-letter.delete', jobIds: [one], count: 1 }),
      ]);
      for (const { at } of items) expect(Math.abs(Date.parse(at) - startedAt)).toBeLessThan(30_000);
      await waitFor('the second replay', jobs.dead.bind(jobs), (dead) => !dead.includes(three));
    });

    it('comes in pages', async () => {
      for (const id of await jobs.make(3)) await client.delete(`${PATH}/${id}`);

      const first = await auditLog('?limit=2');
      const second = await auditLog(`?limit=2&cursor=${first.nextCursor}`);

      const ids = [...first.items, ...second.items].map(({ id }: { id: string }) => id);
      expect(ids).toHaveLength(3);
      expect(new Set(ids).size).toBe(3);
      expect(second.nextCursor).toBeNull();
    });

    it.each(['limit=0', 'limit=201', 'cursor=x', 'cursor=5', 'other=1'])(
      'is not read with %s',
      async (query) => {
        expect((await client.get(`/api/queue/audit?${query}`)).status).toBe(400);
      },
    );

    it('has no entry for what was refused', async () => {
      await jobs.make(1);

      await client.delete(`${PATH}/nobody`);
      await client.post(`${PATH}/retry`, { perSecond: 0 });
      await app.client({ roles: ['user'] }).post(`${PATH}/retry`);

      expect((await auditLog()).items).toEqual([]);
    });

    it('is bounded', async () => {
      const few = await createTestApp({ role: 'api', variables: { ...app.variables, AUDIT_LOG_MAX: '100' } });
      const operator = few.client({ roles: ['operator'] });
      await jobs.redis.eval(
        `for _ = 1, 500 do redis.call('XADD', KEYS[1], '*', 'entry', '{}') end`,
        1,
        `${jobs.prefix}:audit`,
      );
      const [jobId = ''] = await jobs.make(1);

      await operator.delete(`${PATH}/${jobId}`);
      await few.close();

      expect(await jobs.redis.xlen(`${jobs.prefix}:audit`)).toBeLessThan(250);
      expect((await auditLog('?limit=1')).items).toMatchObject([{ jobIds: [jobId] }]);
    });
  });

  const replayStatus = async () => (await client.get(PATH)).body.data.replay?.status;

  describe('that can not be written', () => {
    it.each([
      ['a replay', (jobId: string) => client.post(`${PATH}/retry`, { jobIds: [jobId] })],
      ['a replay of all', () => client.post(`${PATH}/retry`)],
      ['a deletion', (jobId: string) => client.delete(`${PATH}/${jobId}`)],
      ['a retry in Bull Board', (jobId: string) => board(`/${jobId}/retry`)],
      ['a retry of all in Bull Board', () => board('/retry/failed')],
      ['a removal in Bull Board', (jobId: string) => board(`/${jobId}/clean`)],
      ['a pause in Bull Board', () => board('/pause')],
    ])('lets nothing be done: %s', async (_, act) => {
      const [jobId = ''] = await jobs.make(1);
      await jobs.redis.set(`${jobs.prefix}:audit`, 'no stream');

      const answer = await act(jobId);
      await jobs.redis.del(`${jobs.prefix}:audit`);
      const retry = await client.post(`${PATH}/retry`);

      expect(answer.status).toBe(500);
      // It was still dead, and nothing was under way.
      expect(retry.body.data).toMatchObject({ jobs: 1 });
      expect(await jobs.queue.isPaused()).toBe(false);
    });
  });

  describe('of Bull Board', () => {
    it('has who did what there, by the password or by a token', async () => {
      const [one = '', two = ''] = await jobs.make(2);

      const answers = [
        await board('/pause'),
        await board('/resume', { authorization: `Bearer ${client.token}` }),
        await board(`/${one}/retry`),
        await board(`/${two}/clean`),
      ];
      await client.fetch(BOARD + `/${one}`, { headers: BASIC });

      expect(answers.map(({ status }) => status)).toEqual([200, 200, 204, 204]);
      const { items } = await auditLog();
      const act = { action: 'bull-board', queue: 'customer.jobs', userId: 'admin', tenantId: null };
      const put = (route: string) => ({ method: 'PUT', route: `/api/queues/:queueName${route}` });
      expect(items.toReversed()).toEqual([
        expect.objectContaining({ ...act, jobIds: null, details: put('/pause') }),
        expect.objectContaining({ ...act, userId: 'olga', tenantId: 'acme', details: put('/resume') }),
        expect.objectContaining({ ...act, jobIds: [one], details: put('/:jobId/retry') }),
        expect.objectContaining({ ...act, jobIds: [two], details: put('/:jobId/clean') }),
      ]);
    });

    it('has nothing of payloads that were sent there: they are refused, since masked ones would be written back', async () => {
      const [jobId = ''] = await jobs.make(1, { email: 'bob@example.com' });
      const send = async (route: string, method: string) =>
        client.fetch(`${BOARD}${route}`, {
          method,
          headers: { ...BASIC, 'content-type': 'application/json' },
          body: JSON.stringify({ jobData: { email: '•••' } }),
        });

      const answers = [await send(`/${jobId}/update-data`, 'PATCH'), await send('/add', 'POST')];

      expect(answers.map(({ status }) => status)).toEqual([409, 409]);
      expect((await jobs.queue.getJob(jobId))?.data).toEqual({ email: 'bob@example.com' });
      expect((await auditLog()).items).toEqual([]);
    });

    it('has nothing of who was not let in, and nothing of what another site asked for', async () => {
      await board('/pause', { authorization: 'Basic eDp5' });
      await board('/pause', { ...BASIC, 'sec-fetch-site': 'cross-site' });

      expect((await auditLog()).items).toEqual([]);
    });
  });

  describe('and a retry in Bull Board', () => {
    const makeGivenUp = async () => {
      const { jobId, customerId } = (await client.post('/api/customer', buildCustomer())).body.data;
      await jobs.mark(jobId, GIVEN_UP);
      const worker = await createTestApp({ role: 'worker', variables: app.variables });
      await waitForJob(client, jobId);
      await jobs.mark(jobId, GIVEN_UP);
      return { jobId, customerId, worker };
    };

    it.each([
      ['of one', (jobId: string) => `/${jobId}/retry`],
      ['of all', () => '/retry/failed'],
    ])('really runs a write that was given up: %s', async (_, path) => {
      const { jobId, customerId, worker } = await makeGivenUp();

      const answer = await board(path(jobId));
      await untilNoneIsDead();
      const job = await waitForJob(client, jobId);
      await worker.close();

      expect(answer.status).toBeLessThan(300);
      expect(job).toMatchObject({ status: 'completed', attempts: 1 });
      expect(await readCustomer(client, customerId)).toMatchObject({ id: customerId });
    });

    it('of all goes at the rate of the service, one replay at a time, and is in the log with its count', async () => {
      await jobs.make(30);

      const answer = await board('/retry/failed');
      const again = await board('/retry/failed');
      const replay = (await client.get(PATH)).body.data.replay;

      expect(answer).toMatchObject({ status: 200, body: { retried: 30, skipped: 0 } });
      expect(again.status).toBe(409);
      expect(replay).toMatchObject({ perSecond: 50, by: 'admin', total: 30 });
      expect((await auditLog()).items).toMatchObject([{ action: 'bull-board', userId: 'admin', count: 30 }]);
    });

    it('of a job that is not dead is told off by Bull Board', async () => {
      const waiting = (await client.post('/api/queue/test/job')).body.data.jobId;

      expect((await board(`/${waiting}/retry`)).status).toBe(400);
      expect((await board('/nobody/retry')).status).toBe(404);
    });
  });
});
