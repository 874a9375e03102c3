import type { Queue } from 'bullmq';
import { Environment } from '../../src/config/environment';
import { createLogger } from '../../src/logging/logger';
import { DeadLetterRemover } from '../../src/queue/dead-letters/dead-letter-remover';
import { DeadLetterTrimmer } from '../../src/queue/dead-letters/dead-letter-trimmer';
import type { Answer, Client } from '../helpers/client';
import { DeadJobs } from '../helpers/dead-jobs';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitFor } from '../helpers/wait';

const PATH = '/api/queue/customer.jobs/dead-letter';
const HOUR = 3_600_000;
const idsOf = ({ body }: Answer): string[] => body.data.items.map(({ jobId }: { jobId: string }) => jobId);

describe('dead letters', () => {
  let app: TestApp;
  let jobs: DeadJobs;
  let client: Client;

  beforeEach(async () => {
    app = await createTestApp({ role: 'api' });
    jobs = DeadJobs.of(app);
    client = app.client({ roles: ['operator'] });
  });

  afterEach(async () => {
    await jobs.close();
    await app.close();
  });

  describe('as a list', () => {
    it('say what died of what, and nothing of its payload', async () => {
      const [jobId = ''] = await jobs.make(1, { tenantId: 't1', requestId: 'r1', email: 'ana@example.com' });
      await jobs.mark(jobId, { stc: '2' });

      const answer = await client.get(PATH);

      expect(answer.status).toBe(200);
      expect(answer.body.data).toEqual({
        items: [
          {
            jobId,
            type: 'NO_SUCH_JOB',
            tenantId: 't1',
            requestId: 'r1',
            queuedAt: expect.stringMatching(/^\d{4}-.*Z$/),
            failedAt: expect.stringMatching(/^\d{4}-.*Z$/),
            attempts: 1,
            stalled: 2,
            error: 'poisoned',
            stack: [expect.stringMatching(/poisoned\n +at .*dead-jobs/)],
          },
        ],
        nextCursor: null,
        total: 1,
        dropped: 0,
        replay: null,
      });
      expect(JSON.stringify(answer.body)).not.toContain('ana@example.com');
    });

    it('are empty for a queue in which nothing died', async () => {
      const { body } = await client.get(PATH);

      expect(body.data).toEqual({ items: [], nextCursor: null, total: 0, dropped: 0, replay: null });
    });

    it('come in pages, the newest first, each once', async () => {
      const oldest = await jobs.make(2);
      for (const id of oldest) await jobs.age(id, HOUR);
      const newest = await jobs.make(3);
      await jobs.atOnce(newest);

      const first = await client.get(`${PATH}?limit=2`);
      const second = await client.get(`${PATH}?limit=2&cursor=${first.body.data.nextCursor}`);
      const third = await client.get(`${PATH}?limit=2&cursor=${second.body.data.nextCursor}`);

      const listed = [first, second, third].map(idsOf);
      expect(listed.map(({ length }) => length)).toEqual([2, 2, 1]);
      expect(listed.flat().slice(0, 3).sort()).toEqual(newest.sort());
      expect(listed.flat().slice(3).sort()).toEqual(oldest.sort());
      expect(third.body.data).toMatchObject({ nextCursor: null, total: 5 });
    });

    it('go on where the page before ended, whatever died or went since', async () => {
      const old = await jobs.make(3);
      for (const [index, id] of old.entries()) await jobs.age(id, HOUR * (index + 1));
      const first = await client.get(`${PATH}?limit=1`);
      await jobs.make(2);
      await client.delete(`${PATH}/${old[0]}`);

      const second = await client.get(`${PATH}?cursor=${first.body.data.nextCursor}`);

      expect(idsOf(first)).toEqual([old[0]]);
      expect(idsOf(second)).toEqual([old[1], old[2]]);
    });

    it('show a job of which next to nothing is left', async () => {
      const [jobId = '', broken = ''] = await jobs.make(2);
      await jobs.redis.hdel(
        jobs.queue.toKey(jobId),
        'name',
        'data',
        'timestamp',
        'stacktrace',
        'failedReason',
      );
      await jobs.mark(broken, { data: '{', stacktrace: '5' });

      const { status, body } = await client.get(PATH);

      expect(status).toBe(200);
      expect(body.data.items).toHaveLength(2);
      expect(body.data.items).toContainEqual(
        expect.objectContaining({ jobId, type: '', tenantId: null, queuedAt: null, error: '', stack: [] }),
      );
    });

    it.each(['limit=0', 'limit=201', 'limit=x', 'cursor=x', 'cursor=%20', 'other=1'])(
      'refuse %s',
      async (query) => {
        expect((await client.get(`${PATH}?${query}`)).status).toBe(400);
      },
    );
  });

  describe('that are deleted', () => {
    it('are gone, with all they left in Redis', async () => {
      const [jobId = '', other = ''] = await jobs.make(2);

      const answer = await client.delete(`${PATH}/${jobId}`);

      expect(answer.status).toBe(200);
      expect(answer.body.data).toEqual({ jobId });
      expect(await jobs.dead()).toEqual([other]);
      expect(await jobs.redis.keys(`*${jobId}*`)).toEqual([]);
      expect((await client.delete(`${PATH}/${jobId}`)).status).toBe(404);
    });

    it('are never a job that waits or is done', async () => {
      const waiting = (await client.post('/api/queue/test/job')).body.data.jobId;

      const answer = await client.delete(`${PATH}/${waiting}`);
      await jobs.work();

      expect(answer.status).toBe(404);
      expect((await client.delete(`${PATH}/${waiting}`)).status).toBe(404);
      expect((await client.get(`/api/jobs/${waiting}`)).body.data.status).toBe('completed');
    });

    it('are never a job that was replayed between the look and the deletion', async () => {
      const { jobId } = (await client.post('/api/queue/test/job')).body.data;

      const removed = await new DeadLetterRemover(jobs.redis).remove(jobs.queue, jobId);

      expect(removed).toBe(false);
      expect(await jobs.work()).toEqual([jobId]);
    });
  });

  describe('beyond their bounds', () => {
    /** What a worker trims with, and the queue it trims. */
    const trimmer = (variables: Record<string, string>): [DeadLetterTrimmer, Queue] => {
      const environment = Environment.read({ ...app.variables, ...variables });
      return [new DeadLetterTrimmer(jobs.redis, environment, createLogger(environment)), jobs.queue];
    };

    it('are dropped by count, the oldest first, and counted', async () => {
      const ids = await jobs.make(5);
      for (const [index, id] of ids.entries()) await jobs.age(id, 1000 * (index + 1));
      const [keeper, queue] = trimmer({ DEAD_LETTER_MAX: '3' });

      const dropped = await keeper.trim(queue, Date.now());

      expect(dropped).toBe(2);
      expect((await jobs.dead()).sort()).toEqual(ids.slice(0, 3).sort());
      expect(await jobs.redis.keys(`*${ids[4]}*`)).toEqual([]);
      expect((await client.get(PATH)).body.data).toMatchObject({ total: 3, dropped: 2 });
    });

    it('are dropped by age, and counted', async () => {
      const [old = '', young = ''] = await jobs.make(2);
      await jobs.age(old, 2.1 * HOUR);
      await jobs.age(young, 1.9 * HOUR);
      const [keeper, queue] = trimmer({ DEAD_LETTER_RETENTION_HOURS: '2' });

      await keeper.trim(queue, Date.now());

      expect(await jobs.dead()).toEqual([young]);
      expect((await client.get(PATH)).body.data).toMatchObject({ total: 1, dropped: 1 });
    });

    it('are counted once by however many workers trim at once', async () => {
      await jobs.make(40);
      const keepers = Array.from({ length: 4 }, () => trimmer({ DEAD_LETTER_MAX: '10' }));

      const dropped = await Promise.all(keepers.map(([keeper, queue]) => keeper.trim(queue, Date.now())));

      expect(dropped.reduce((sum, count) => sum + count, 0)).toBe(30);
      expect((await client.get(PATH)).body.data).toMatchObject({ total: 10, dropped: 30 });
    });

    it('are dropped by a worker without being asked', async () => {
      await jobs.make(4);

      const variables = { ...app.variables, DEAD_LETTER_MAX: '1' };
      const worker = await createTestApp({ role: 'worker', variables });
      const page = await waitFor(
        'the dead letters to be trimmed',
        async () => (await client.get(PATH)).body.data,
        ({ total }) => total === 1,
      );
      await worker.close();

      expect(page.dropped).toBe(3);
    });
  });

  describe('are for operators', () => {
    const routes = [
      ['GET', PATH],
      ['POST', `${PATH}/retry`],
      ['DELETE', `${PATH}/x`],
      ['GET', '/api/queue/audit'],
    ] as const;

    it.each(routes)('only: %s %s', async (method, path) => {
      const [jobId = ''] = await jobs.make(1);
      const refused = await app
        .client({ roles: ['user'] })
        .fetch(path.replace('/x', `/${jobId}`), { method });

      expect(refused.status).toBe(403);
      expect((await fetch(app.url + path, { method })).status).toBe(401);
      expect(await jobs.dead()).toEqual([jobId]);
    });

    it.each(routes.slice(0, 3))('of a queue that is there: %s %s', async (method, path) => {
      const answer = await client.fetch(path.replace('customer.jobs', 'customer.nothing'), { method });

      expect(answer.status).toBe(404);
      expect(answer.headers.get('content-type')).toMatch('application/problem+json');
    });
  });
});
