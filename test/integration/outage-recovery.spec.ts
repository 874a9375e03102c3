import { setTimeout } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Client } from '../helpers/client';
import { outcomeOf } from '../helpers/customers';
import { readiness, timed, writesOf } from '../helpers/outage';
import { startOwnRedis, type OwnRedis } from '../helpers/own-redis';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitFor } from '../helpers/wait';
import { buildCustomer } from '../factories/customer';

const BACK_WITHIN_MS = 5_000;

describe('after an outage of Redis', () => {
  let redis: OwnRedis;
  let api: TestApp;
  let worker: TestApp;
  let client: Client;

  beforeEach(async () => {
    redis = await startOwnRedis();
    api = await createTestApp({ role: 'api', variables: { REDIS_URL: redis.url } });
    worker = await createTestApp({ role: 'worker', variables: api.variables });
    client = api.client();
  });

  afterEach(async () => {
    await api.close();
    await worker.close();
  });

  const create = () => client.post('/api/customer', buildCustomer());
  const writesAreRefused = () =>
    waitFor(
      'writes to be refused',
      () => timed(create),
      ({ status }) => status === 503,
    );

  it.each([1, 20])(
    'of %d s, API and worker go on within 5 s, with all that was accepted',
    async (seconds) => {
      const before = await create();
      await redis.kill();
      await writesAreRefused();
      await setTimeout(seconds * 1_000);

      await redis.start();
      const backAt = performance.now();
      const accepted = await waitFor('a write to be accepted', create, ({ status }) => status === 202);
      const job = await outcomeOf(client, accepted);
      const took = performance.now() - backAt;
      // Where the outage cut it off in a worker's hands, it comes back as a stalled one.
      const jobs = [await outcomeOf(client, before), job];

      expect(jobs.map(({ status }) => status)).toEqual(['completed', 'completed']);
      expect(took).toBeLessThan(BACK_WITHIN_MS);
      expect(await readiness(worker)).toMatchObject({ status: 200 });
    },
    60_000,
  );

  it('that hung, every write was refused in time, and what was refused piled up nowhere', async () => {
    const sent = jest.spyOn(Redis.prototype, 'sendCommand');
    redis.freeze();
    const slowest: number[] = [];
    const queued: number[] = [];
    const until = performance.now() + 6_000;

    while (performance.now() < until) {
      const answers = await Promise.all(writesOf(api).map(([, write]) => timed(write)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
      slowest.push(Math.max(...answers.map(({ durationMs }) => durationMs)));
      const connections = new Set(sent.mock.contexts as Redis[]);
      queued.push([...connections].reduce((sum, { commandQueue }) => sum + commandQueue.length, 0));
    }
    sent.mockRestore();
    redis.thaw();
    const accepted = await waitFor('a write to be accepted', create, ({ status }) => status === 202);
    const job = await outcomeOf(client, accepted);

    expect(Math.max(...slowest)).toBeLessThan(1_200);
    expect(queued.length).toBeGreaterThan(5);
    expect(Math.max(...queued)).toBeLessThan(50);
    expect(job.status).toBe('completed');
  }, 30_000);

  it('that hung, looks at readiness had not piled up either', async () => {
    const sent = jest.spyOn(Redis.prototype, 'sendCommand');
    redis.freeze();

    const reports = [];
    for (let look = 0; look < 30; look++) reports.push(readiness(worker));
    const seen = await Promise.all(reports);
    const again = await readiness(worker);
    const pings = sent.mock.calls.filter(([{ name }]) => name === 'ping').length;
    sent.mockRestore();
    redis.thaw();

    expect(new Set([...seen, again].map(({ status }) => status))).toEqual(new Set([503]));
    expect(pings).toBeLessThanOrEqual(1);
    await waitFor(
      'the worker to be ready',
      () => readiness(worker),
      ({ status }) => status === 200,
    );
  });
});
