import { CUSTOMER_QUEUE } from '../../src/customer/jobs/customer.jobs';
import { buildCsv } from '../factories/csv';
import { buildCustomer } from '../factories/customer';
import type { Client } from '../helpers/client';
import { Scrape } from '../helpers/scrape';
import { Stores } from '../helpers/stores';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitFor, waitForJob } from '../helpers/wait';

const queue = CUSTOMER_QUEUE;

describe('metrics of queues', () => {
  let api: TestApp;
  let client: Client;
  let stores: Stores;

  beforeAll(async () => {
    api = await createTestApp({ role: 'api' });
    client = api.client();
    stores = await Stores.of(api);
    await client.post('/api/customer', buildCustomer());
    await client.post('/api/customer?priority=low', buildCustomer());
    await client.post(
      `/api/customer?runAt=${new Date(Date.now() + 3_600_000).toISOString()}`,
      buildCustomer(),
    );
  });

  const of = async (name: string, labels = {}) =>
    (await Scrape.of(api.url)).value(`insightcrm_${name}`, { queue, ...labels });

  it('tell jobs by state, and what there is to do', async () => {
    expect(await of('queue_jobs', { state: 'pending' })).toBe(1);
    expect(await of('queue_jobs', { state: 'prioritized' })).toBe(1);
    expect(await of('queue_jobs', { state: 'delayed' })).toBe(1);
    expect(await of('queue_backlog_jobs')).toBe(2);
    expect(await of('queue_workers')).toBe(0);
  });

  it('tell how long the oldest job has been ready', async () => {
    const first = (await of('queue_oldest_waiting_seconds')) ?? 0;

    const later = await waitFor(
      'the job to grow older',
      () => of('queue_oldest_waiting_seconds'),
      (seconds) => (seconds ?? 0) > first,
    );

    expect(first).toBeGreaterThan(0);
    expect(later).toBeLessThan(15);
  });

  it('tell that a paused queue has nothing to do now', async () => {
    await stores.queue.pause();
    const paused = [await of('queue_paused'), await of('queue_backlog_jobs')];
    await stores.queue.resume();

    expect(paused).toEqual([1, 0]);
    expect([await of('queue_paused'), await of('queue_backlog_jobs')]).toEqual([0, 2]);
  });
});

describe('metrics of the role all', () => {
  it('are those of both applications, each thing counted once', async () => {
    const app = await createTestApp();
    const created = { queue, type: 'CREATE_CUSTOMER' };
    const client = app.client({ roles: ['operator'] });
    await waitForJob(client, (await client.post('/api/customer', buildCustomer())).body.data.jobId);
    await client.upload(buildCsv({ rows: 3 }));
    await client.post('/api/queue/test/event');

    const scrape = await waitFor(
      'the rows to be counted',
      () => Scrape.of(app.url),
      (seen) => seen.value('insightcrm_import_rows_total', { outcome: 'created' }) === 3,
    );

    expect(scrape.value('insightcrm_jobs_accepted_total', created)).toBe(1);
    expect(scrape.value('insightcrm_jobs_processed_total', { ...created, outcome: 'completed' })).toBe(1);
    expect(scrape.value('insightcrm_redis_up')).toBe(1);
    expect(scrape.value('insightcrm_events_published_total', { type: 'customer.created' })).toBe(1);
    expect(scrape.value('insightcrm_events_published_total', { type: 'customer.queue.test' })).toBe(1);
    expect(scrape.text.match(/^# TYPE insightcrm_events_published_total /gm)).toHaveLength(1);
    await app.close();
  });
});
