import { Redis } from 'ioredis';
import { Environment } from '../../src/config/environment';
import { CUSTOMER_QUEUE } from '../../src/customer/jobs/customer.jobs';
import { EventPublisher } from '../../src/events/event-publisher';
import { ImportArrivals } from '../../src/customer/import/import-arrivals';
import { ImportRecords } from '../../src/customer/import/import-records';
import { EventMetrics } from '../../src/monitoring/metrics/event-metrics';
import { Metrics } from '../../src/monitoring/metrics/metrics';
import { AcceptanceOrder } from '../../src/queue/acceptance-order';
import { buildCustomer } from '../factories/customer';
import { testVariables } from '../helpers/environment';
import { EventWatch } from '../helpers/event-watch';
import { createTestApp } from '../helpers/test-app';
import { newTenant } from '../helpers/tokens';
import { waitForJob } from '../helpers/wait';

const NOTHING = { created: 0, updated: 0, unchanged: 0, skipped: 0, rejected: 0 };

describe('a job that the queue gives up', () => {
  it('is told to subscribers, though no handler ran', async () => {
    const api = await createTestApp({ role: 'api' });
    const { REDIS_URL = '', QUEUE_PREFIX = '' } = api.variables;
    const redis = new Redis(REDIS_URL);
    const watch = await EventWatch.on(api);
    const client = api.client();
    const { body } = await client.post('/api/customer', buildCustomer());
    const { jobId } = body.data;
    // What BullMQ leaves in a job whose workers died too often, for the next worker that takes it.
    await redis.hset(
      `${QUEUE_PREFIX}:${CUSTOMER_QUEUE}:${jobId}`,
      'defa',
      'job stalled more than allowable limit',
    );

    const worker = await createTestApp({
      role: 'worker',
      variables: { ...api.variables, APP_ROLE: 'worker' },
    });
    const job = await waitForJob(client, jobId);
    const events = await watch.until(jobId, 'customer.failed');

    expect(job).toMatchObject({ status: 'failed', error: { reason: 'SERVICE_FAULT' } });
    expect(events.map(({ type }) => type)).toEqual(['customer.failed']);
    await watch.close();
    redis.disconnect();
    await worker.close();
    await api.close();
  });
});

describe('what is kept in Redis', () => {
  const variables = testVariables();
  const environment = Environment.read(variables);
  const redis = new Redis(variables.REDIS_URL ?? '');
  const records = new ImportRecords(redis, environment);
  const events = new EventPublisher(redis, environment, [], new EventMetrics(new Metrics()));
  const arrivals = new ImportArrivals(redis, environment, events);
  const order = new AcceptanceOrder(redis, environment);

  afterAll(() => {
    redis.disconnect();
  });

  /** An import of two chunks of ten rows. @param jobs keys that must be there for it to be confirmed */
  const newImport = async (jobs: string[] = []) => {
    const importId = crypto.randomUUID();
    const tenantId = newTenant();
    const origin = { tenantId, userId: 'u', requestId: 'r', acceptedAt: Date.now() };
    const file = { rows: 20, bytes: 400, chunks: 2, chunkSizes: [], columns: [] };
    const layout = { header: [], delimiter: ',' as const, encoding: 'utf-8' as const };
    const settings = { onDuplicate: 'update' as const, dryRun: false, delayMs: 0 };
    const record = { ...origin, importId, ...file, ...layout, ...settings };
    await arrivals.storeChunk(importId, 0, Buffer.from('x'));
    const transaction = redis.multi();
    arrivals.register(transaction, record, Buffer.from('x'));
    arrivals.confirmWith(transaction, record, 0, jobs);
    const replies = (await transaction.exec()) ?? [];
    const errors = replies.flatMap(([error]) => (error ? [error.message] : []));
    return {
      importId,
      ref: { tenantId, importId },
      errors,
      look: async () => await records.find(tenantId, importId),
    };
  };

  it('is shown to nobody where Redis took the record of an import and not its jobs', async () => {
    const { errors, look } = await newImport([`${environment.redis.prefix}:nowhere`]);

    expect(errors).toEqual([expect.stringMatching(/^INCOMPLETE /)]);
    expect(await look()).toBeUndefined();
  });

  it('counts a chunk once, however often it is settled', async () => {
    const { importId, ref, look } = await newImport();

    for (const times of [1, 2, 3]) await records.settle(ref, 0, { ...NOTHING, created: 9, rejected: times });

    expect(await look()).toMatchObject({
      status: 'queued',
      counts: { processed: 10, created: 9, rejected: 1 },
    });
    expect(await records.chunkBytes(importId, 0)).toBeNull();
  });

  it('lets an import whose chunk failed be mended by a retry of that chunk', async () => {
    const { importId, ref, look } = await newImport();

    await records.settle(ref, 0, NOTHING, { error: 'the service failed' });
    await records.settle(ref, 0, NOTHING, { error: 'the service failed' });
    await records.settle(ref, 1, { ...NOTHING, created: 10 });
    const failed = await look();
    const bytes = await records.chunkBytes(importId, 0);
    await records.settle(ref, 0, { ...NOTHING, updated: 10 });

    expect(failed).toMatchObject({
      status: 'failed',
      error: 'the service failed',
      counts: { processed: 10 },
    });
    expect(bytes).toEqual(Buffer.from('x'));
    const mended = await look();
    expect(mended).toMatchObject({
      status: 'completed',
      counts: { processed: 20, created: 10, updated: 10 },
    });
    expect(mended).not.toHaveProperty('error');
  });

  it('keeps the place of a job that is accepted again', async () => {
    const [first, later] = [crypto.randomUUID(), crypto.randomUUID()];
    await order.stamp([{ jobId: first, delayMs: 0, lanes: [] }]);
    await order.stamp([{ jobId: later, delayMs: 0, lanes: [] }]);
    await order.stamp([{ jobId: first, delayMs: 0, lanes: [] }]);

    const [place, placeOfLater] = [await order.of(first, 0), await order.of(later, 0)];

    expect(place.order).toBeLessThan(placeOfLater.order);
  });

  it('orders writes by the clock of Redis, not by those of API processes', async () => {
    const [early, late] = [crypto.randomUUID(), crypto.randomUUID()];
    await order.stamp([{ jobId: early, delayMs: 0, lanes: [] }]);
    await order.stamp([{ jobId: late, delayMs: 0, lanes: [] }]);

    const { order: ofEarly } = await order.of(early, Date.now() + 60_000);
    const { order: ofLate } = await order.of(late, Date.now() - 60_000);

    expect(ofLate).toBeGreaterThan(ofEarly);
  });
});
