import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Environment } from '../../src/config/environment';
import { newId } from '../../src/customer/customer-id';
import { CustomerQueue } from '../../src/customer/jobs/customer.queue';
import { createLogger } from '../../src/logging/logger';
import { AcceptanceOrder } from '../../src/queue/acceptance-order';
import { RedisFitness } from '../../src/queue/redis-fitness';
import { createApiApp } from '../../src/api-app';
import { testVariables } from '../helpers/environment';
import { monitorRedis } from '../helpers/redis-monitor';
import { Stores } from '../helpers/stores';
import { newTenant } from '../helpers/tokens';
import { waitFor } from '../helpers/wait';

/** Jobs that are accepted within one turn of the event loop travel together. */
describe('writes that are accepted at the same moment', () => {
  const variables = testVariables({ APP_ROLE: 'api' });
  let app: NestFastifyApplication;
  let stores: Stores;

  beforeAll(async () => {
    const environment = Environment.read(variables);
    app = await createApiApp(environment, createLogger(environment));
    await app.init();
    await app.get(RedisFitness).fit;
    stores = await Stores.of({ variables });
  });

  afterAll(async () => {
    await stores.close();
    await app.close();
  });

  const tenantId = newTenant();
  const enqueue = (jobId: string, name = 'Ana') =>
    app.get(CustomerQueue).enqueue(
      'CREATE_CUSTOMER',
      {
        ...{ tenantId, userId: 'u', requestId: 'r', acceptedAt: Date.now(), customerId: jobId },
        ...{ name, email: `${jobId}@example.com` },
      },
      jobId,
      { priority: 'normal', delayMs: 0 },
    );
  const placesOf = async (jobIds: string[]): Promise<number[]> => {
    const order = app.get(AcceptanceOrder);
    const stamps = await Promise.all(jobIds.map((jobId) => order.of(jobId, 0)));
    return stamps.map((stamp) => stamp.order);
  };

  it('get places of their own, in the order in which they came', async () => {
    const ids = Array.from({ length: 50 }, newId);

    await Promise.all(ids.map((id) => enqueue(id)));

    const places = await placesOf(ids);
    expect(Math.min(...places)).toBeGreaterThan(0);
    expect(new Set(places).size).toBe(50);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  it('fail alone: one that the queue refuses keeps no other from it', async () => {
    const ids = Array.from({ length: 5 }, newId);
    const tooLarge = 'x'.repeat(100_000);

    const outcomes = await Promise.allSettled(
      ids.map((id, index) => enqueue(id, index === 2 ? tooLarge : 'Ana')),
    );

    const [done, refused] = ['fulfilled', 'rejected'];
    expect(outcomes.map(({ status }) => status)).toEqual([done, done, refused, done, done]);
    const jobs = await Promise.all(ids.map((id) => stores.queue.getJob(id)));
    expect(jobs.map((job) => job !== undefined)).toEqual([true, true, false, true, true]);
  });

  it('are one job and one place where one id comes twice', async () => {
    const [first, twice, last] = [newId(), newId(), newId()];

    await Promise.all([first, twice, last, twice].map((id) => enqueue(id)));

    const places = await placesOf([first, twice, last]);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(new Set(places).size).toBe(3);
  });

  it('have their places before a worker can see them', async () => {
    const ids = Array.from({ length: 20 }, newId);
    const sent: string[] = [];
    const end = await monitorRedis(variables['REDIS_URL'] ?? '', (words) => sent.push(words.join(' ')));
    const addOf = (id: string) => sent.findIndex((command) => command.includes(`"customerId":"${id}"`));

    await Promise.all(ids.map((id) => enqueue(id)));
    await waitFor(
      'Redis to tell of all adds',
      () => Promise.resolve(ids.map(addOf)),
      (adds) => !adds.includes(-1),
    );
    end();

    for (const id of ids) {
      const stamped = sent.findIndex((command) =>
        command.includes(`${variables['QUEUE_PREFIX']}:order:${id}`),
      );
      expect(stamped).toBeGreaterThanOrEqual(0);
      expect(stamped).toBeLessThan(addOf(id));
    }
  });
});
