import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { Worker } from 'bullmq';
import { CUSTOMER_QUEUE } from '../../src/customer/jobs/customer.jobs';
import { buildCsv } from '../factories/csv';
import { buildCustomer } from '../factories/customer';
import type { Client } from '../helpers/client';
import { closing } from '../helpers/closing';
import { acceptedImport } from '../helpers/customers';
import { EventStreamClient } from '../helpers/event-stream-client';
import { Maintenance } from '../helpers/maintenance';
import { Scrape } from '../helpers/scrape';
import { Stores } from '../helpers/stores';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitFor, waitForImport, waitForJob } from '../helpers/wait';

const queue = CUSTOMER_QUEUE;
const CREATE = { queue, type: 'CREATE_CUSTOMER' };

describe('metrics', () => {
  let api: TestApp;
  let worker: TestApp;
  let client: Client;
  let stores: Stores;

  beforeAll(async () => {
    api = await createTestApp({ role: 'api' });
    worker = await createTestApp({ role: 'worker', variables: api.variables });
    client = api.client();
    stores = await Stores.of(api);
  });

  /** By how much samples rise while something is done. */
  const riseOf = async (
    app: TestApp,
    names: [string, Record<string, string | number>][],
    act: () => unknown,
  ) => {
    const before = await Scrape.of(app.url);
    await act();
    const after = await Scrape.of(app.url);
    return names.map(
      ([name, labels]) => (after.value(name, labels) ?? 0) - (before.value(name, labels) ?? 0),
    );
  };
  const create = async (customer = buildCustomer()) =>
    waitForJob(client, (await client.post('/api/customer', customer)).body.data.jobId);

  it('are in the text format of Prometheus, of the API and of the worker', async () => {
    const scrapes = [await Scrape.of(api.url), await Scrape.of(worker.url)];

    for (const { status, contentType, text } of scrapes) {
      expect(status).toBe(200);
      expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
      expect(text).toMatch(/^# HELP insightcrm_http_requests_total /m);
    }
  });

  it('count a request by its route, and the job that it put on the queue', async () => {
    const route = { method: 'POST', route: '/api/customer' };

    const rises = await riseOf(
      api,
      [
        ['insightcrm_http_requests_total', { ...route, status: 202 }],
        ['insightcrm_http_request_duration_seconds_count', route],
        ['insightcrm_jobs_accepted_total', CREATE],
      ],
      () => create(),
    );

    expect(rises).toEqual([1, 1, 1]);
  });

  it('count an attempt that ends well, how long it waited and ran, and its events', async () => {
    const rises = await riseOf(
      worker,
      [
        ['insightcrm_jobs_processed_total', { ...CREATE, outcome: 'completed' }],
        ['insightcrm_job_wait_seconds_count', CREATE],
        ['insightcrm_job_run_seconds_count', CREATE],
        ['insightcrm_events_published_total', { type: 'customer.created' }],
      ],
      () => create(),
    );

    expect(rises).toEqual([1, 1, 1, 1]);
  });

  it('count a refusal as one, and not as a failure', async () => {
    const customer = buildCustomer();
    await create(customer);

    const rises = await riseOf(
      worker,
      [
        ['insightcrm_jobs_processed_total', { ...CREATE, outcome: 'refused' }],
        ['insightcrm_jobs_processed_total', { outcome: 'dead' }],
      ],
      () => create(customer),
    );

    expect(rises).toEqual([1, 0]);
  });

  it('count a job that fails and comes back as retried', async () => {
    const type = 'BULK_IMPORT_CUSTOMERS';
    await stores.queue.pause();
    const importId = await acceptedImport(client, buildCsv({ rows: 5 }));
    const bytes = await stores.swapChunk(importId, 0, Buffer.from('not readable'));

    const rises = await riseOf(
      worker,
      [
        ['insightcrm_jobs_processed_total', { queue, type, outcome: 'retried' }],
        ['insightcrm_job_retries_total', { queue, type }],
        ['insightcrm_job_wait_seconds_count', { queue, type }],
      ],
      async () => {
        await stores.queue.resume();
        await waitFor(
          'the first attempt to have failed',
          () => stores.queue.getJob(`${importId}-0`),
          (job) => job?.attemptsMade === 1 && job.delay > 0,
        );
      },
    );
    await stores.swapChunk(importId, 0, bytes);
    await waitForImport(client, importId);

    expect(rises).toEqual([1, 1, 1]);
  });

  it('count a job that nobody can run as dead, of an unknown type', async () => {
    const jobId = randomUUID();

    const rises = await riseOf(
      worker,
      [['insightcrm_jobs_processed_total', { queue, type: 'unknown', outcome: 'dead' }]],
      async () => {
        await stores.queue.add(`NO_SUCH_JOB_${jobId}`, {}, { jobId });
        await waitFor(
          'the job to be dead',
          () => stores.queue.getJobState(jobId),
          (state) => state === 'failed',
        );
      },
    );
    const { text } = await Scrape.of(worker.url);

    expect(rises).toEqual([1]);
    expect((await Scrape.of(api.url)).value('insightcrm_dead_letters', { queue })).toBe(1);
    expect(text).not.toContain(jobId);
  });

  it('count the rows of an import by what became of them, and those of a dry run not', async () => {
    const csv = `${buildCsv({ rows: 8 })}Nobody,no email\n`;
    const outcome = (name: string): [string, Record<string, string>] => [
      'insightcrm_import_rows_total',
      { outcome: name },
    ];
    const chunks = async () =>
      (await Scrape.of(worker.url)).value('insightcrm_jobs_processed_total', {
        type: 'BULK_IMPORT_CUSTOMERS',
        outcome: 'completed',
      }) ?? 0;
    const run = async (query = '') => {
      const before = await chunks();
      await client.upload(csv, query);
      await waitFor('the chunk to have ended', chunks, (ended) => ended === before + 1);
    };

    const dry = await riseOf(worker, [outcome('created'), outcome('rejected')], () => run('?dryRun=true'));
    const real = await riseOf(worker, [outcome('created'), outcome('rejected')], () => run());
    const again = await riseOf(worker, [outcome('created'), outcome('unchanged')], () => run());

    expect({ dry, real, again }).toEqual({ dry: [0, 0], real: [8, 1], again: [0, 8] });
  });

  it('count planned work, done or dead, too', async () => {
    const maintenance = await Maintenance.of(api);
    const planned = { queue: 'maintenance.jobs', type: 'CLEAN_IMPORTS' };
    const unknown = { queue: 'maintenance.jobs', type: 'unknown' };

    const rises = await riseOf(
      worker,
      [
        ['insightcrm_jobs_processed_total', { ...planned, outcome: 'completed' }],
        ['insightcrm_job_wait_seconds_count', planned],
        ['insightcrm_job_run_seconds_count', planned],
        ['insightcrm_jobs_processed_total', { ...unknown, outcome: 'dead' }],
      ],
      async () => {
        await maintenance.run('CLEAN_IMPORTS');
        await maintenance.ended(await maintenance.start('NO_SUCH_JOB'));
        await waitFor(
          'the worker to have told of both',
          () => Scrape.of(worker.url),
          (scrape) => scrape.value('insightcrm_jobs_processed_total', { ...unknown, outcome: 'dead' }) === 1,
        );
      },
    );

    expect(rises).toEqual([1, 1, 1, 1]);
  });

  it('have no label for what a path names', async () => {
    const before = (await Scrape.of(api.url)).valuesOf('route');
    const id = randomUUID();
    await client.get(`/api/customer/${id}`);
    await client.get(`/nonsense/${id}`);
    const once = (await Scrape.of(api.url)).valuesOf('route');

    for (let more = 0; more < 5; more++) {
      await client.get(`/api/customer/${randomUUID()}`);
      await client.get(`/nonsense/${randomUUID()}/x`);
      await client.get(`/%ff/${randomUUID()}`);
    }
    const after = await Scrape.of(api.url);

    expect(once).toEqual([...new Set([...before, '/api/customer/:id', 'unmatched'])].sort());
    expect(after.valuesOf('route')).toEqual(once);
    expect(after.text).not.toContain(id);
  });

  it('have neither tenants, users, jobs nor customers as labels', async () => {
    await create();
    const scrapes = [await Scrape.of(api.url), await Scrape.of(worker.url)];

    const labels = scrapes.flatMap(({ text }) => [...text.matchAll(/[{,](\w+)="/g)].map(([, name]) => name));

    const ours = [
      'method',
      'route',
      'status',
      'queue',
      'state',
      'type',
      'outcome',
      'reason',
      'version',
      'le',
    ];
    const ofNode = ['kind', 'space', 'major', 'minor', 'patch'];
    expect([...new Set(labels)].filter((label) => ![...ours, ...ofNode].includes(label ?? ''))).toEqual([]);
  });

  it('say that a client left before its answer', async () => {
    const left = { method: 'POST', route: '/api/customer/upload', status: 499 };
    const before = (await Scrape.of(api.url)).value('insightcrm_http_requests_total', left) ?? 0;

    const upload = request(`${api.url}/api/customer/upload`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${client.token}`,
        'content-type': 'text/csv',
        'transfer-encoding': 'chunked',
      },
    });
    upload.on('error', () => undefined);
    upload.write('name,email\n');
    const busy = await waitFor(
      'the upload to be under way',
      () => Scrape.of(api.url),
      (scrape) => scrape.value('insightcrm_http_requests_in_flight') === 2,
    );
    upload.destroy();
    const after = await waitFor(
      'the upload to have ended',
      () => Scrape.of(api.url),
      (scrape) => scrape.value('insightcrm_http_requests_in_flight') === 1,
    );

    // The scrape itself is the other one.
    expect(busy.value('insightcrm_http_requests_in_flight')).toBe(2);
    expect(after.value('insightcrm_http_requests_total', left)).toBe(before + 1);
  });

  it('count an event stream as answered when it begins, and as open until it ends', async () => {
    const route = { method: 'GET', route: '/api/events' };
    const stream = await EventStreamClient.open(api.url, client.token);
    const open = await Scrape.of(api.url);

    stream.close();
    const closed = await waitFor(
      'the stream to be closed',
      () => Scrape.of(api.url),
      (scrape) => scrape.value('insightcrm_event_streams_open') === 0,
    );

    expect(open.value('insightcrm_event_streams_open')).toBe(1);
    expect(open.value('insightcrm_http_requests_in_flight')).toBe(1);
    for (const scrape of [open, closed]) {
      expect(scrape.value('insightcrm_http_requests_total', { ...route, status: 200 })).toBe(1);
      expect(scrape.value('insightcrm_http_request_duration_seconds_count', route)).toBe(1);
    }
    expect(closed.value('insightcrm_http_requests_in_flight')).toBe(1);
  });

  it('count jobs that were found without their worker', async () => {
    const connection = { url: api.variables.REDIS_URL ?? '', maxRetriesPerRequest: null };
    const idle = { connection, prefix: api.variables.QUEUE_PREFIX ?? '', autorun: false, lockDuration: 50 };
    const dying = new Worker(CUSTOMER_QUEUE, null, idle);
    const close = closing(() => dying.close());
    await stores.queue.pause();
    const { body } = await client.post('/api/customer', buildCustomer());
    const before = (await Scrape.of(worker.url)).value('insightcrm_jobs_stalled_total', { queue }) ?? 0;
    await worker.close();
    await stores.queue.resume();
    await dying.getNextJob('of a worker that dies');
    await close();

    worker = await createTestApp({ role: 'worker', variables: api.variables });
    await waitForJob(client, body.data.jobId, { timeoutMs: 30_000 });

    expect(before).toBe(0);
    expect((await Scrape.of(worker.url)).value('insightcrm_jobs_stalled_total', { queue })).toBe(1);
  }, 40_000);
});
