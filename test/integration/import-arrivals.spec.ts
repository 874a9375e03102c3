import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { Environment } from '../../src/config/environment';
import { ImportArrivals } from '../../src/customer/import/import-arrivals';
import { ImportProgress } from '../../src/customer/import/import-progress';
import { ImportRecords } from '../../src/customer/import/import-records';
import type { ImportChunk } from '../../src/customer/jobs/customer.jobs';
import { UndoRecords } from '../../src/customer/import/undo/undo-records';
import { EventPublisher } from '../../src/events/event-publisher';
import { EventMetrics } from '../../src/monitoring/metrics/event-metrics';
import { ImportMetrics } from '../../src/monitoring/metrics/import-metrics';
import { Metrics } from '../../src/monitoring/metrics/metrics';
import { buildCsv } from '../factories/csv';
import type { Client } from '../helpers/client';
import { closing } from '../helpers/closing';
import { EventWatch } from '../helpers/event-watch';
import { KeyStore, untilAccepted } from '../helpers/keyed-writes';
import { timed } from '../helpers/outage';
import { Stores } from '../helpers/stores';
import { startTcpProxy, type TcpProxy } from '../helpers/tcp-proxy';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { newTenant } from '../helpers/tokens';
import { waitFor, waitForImport } from '../helpers/wait';

const HOUR_MS = 3_600_000;
const ROWS = 2_500;
const CHUNKS = 3;
/** What is sent when an import is registered, queued and confirmed, in one transaction. */
const QUEUES = 'BULK_IMPORT_CUSTOMERS';

describe('an import whose intake is broken off', () => {
  let proxy: TcpProxy;
  let api: TestApp;
  let direct: Pick<TestApp, 'variables'>;
  let stores: Stores;
  let kept: KeyStore;
  let watch: EventWatch;
  let tenantId: string;
  let client: Client;
  let csv: string;

  // A queue of its own for each, as one of them has a worker.
  beforeEach(async () => {
    proxy = await startTcpProxy(process.env.TEST_REDIS_URL ?? '');
    api = await createTestApp({ role: 'api', variables: { REDIS_URL: `redis://127.0.0.1:${proxy.port}` } });
    direct = { variables: { ...api.variables, REDIS_URL: process.env.TEST_REDIS_URL ?? '' } };
    stores = await Stores.of(direct);
    kept = KeyStore.of(direct);
    watch = await EventWatch.on(direct);
    tenantId = newTenant();
    client = api.client({ tenantId });
    csv = buildCsv({ rows: ROWS });
  });

  afterEach(async () => {
    proxy.restore();
    await watch.close();
    await kept.close();
    await stores.close();
    await api.close();
    await proxy.close();
  });

  const upload = (file: string, key?: string) =>
    client.upload(file, '', key === undefined ? {} : { 'idempotency-key': key });
  const jobs = () => stores.queue.getJobs(['prioritized', 'waiting', 'completed']);
  const queuedEvents = (importId: string) =>
    watch.of(importId).filter(({ type }) => type === 'customer.import.queued');
  const listed = () =>
    waitFor(
      'the list of imports',
      () => client.get('/api/customer/imports'),
      ({ status }) => status === 200,
    ).then(({ body }): string[] => body.data.items.map(({ importId }: { importId: string }) => importId));
  const ttlsMs = async () => {
    const keys = (await stores.uploadKeys()).filter((key) => /:import:[^:]+(:chunk:\d+)?$/.test(key));
    return Promise.all(keys.map((key) => stores.ttlMs(key)));
  };
  /** A worker's. */
  const importProgress = (): ImportProgress => {
    const environment = Environment.read({ ...direct.variables, APP_ROLE: 'worker' });
    const redis = new Redis(direct.variables.REDIS_URL ?? '');
    closing(() => {
      redis.disconnect();
    });
    const metrics = new Metrics();
    const events = new EventPublisher(redis, environment, [], new EventMetrics(metrics));
    const arrivals = new ImportArrivals(redis, environment, events);
    return new ImportProgress(
      new ImportRecords(redis, environment),
      arrivals,
      events,
      new UndoRecords(redis, environment),
      new ImportMetrics(metrics),
    );
  };
  /** An upload of which it is not known whether its jobs are there, because the queue's answer was lost. */
  const unanswered = async (text: string, lost: boolean, key?: string) => {
    proxy.breakAt(text, { lost });
    const answer = await timed(() => upload(csv, key));
    proxy.restore();
    expect(answer.durationMs).toBeLessThan(1_200);
    return answer;
  };

  it.each([undefined, 'a-key'])(
    'is refused within 1.2 s by a Redis that hangs, with the key %s',
    async (key) => {
      proxy.freeze();
      const { status, durationMs } = await timed(() => upload(csv, key));

      expect(status).toBe(503);
      expect(durationMs).toBeLessThan(1_200);
    },
  );

  it('is queued whole or not at all, and whole when it is sent again', async () => {
    const chunks = 200;
    const large = buildCsv({ rows: chunks * 1000 });
    // More than goes over a socket at once: some jobs are sent, and the connection is lost.
    proxy.breakAt('"chunk":150,', { lost: true });

    const lost = await upload(large, 'a-key');
    const queued = await jobs();
    proxy.restore();
    const again = await waitFor(
      'the upload to be taken',
      () => upload(large, 'a-key'),
      ({ status }) => status === 202,
    );

    expect(lost.status).toBe(503);
    expect(queued).toEqual([]);
    expect(again.body.data).toMatchObject({ rows: chunks * 1000 });
    expect(await jobs()).toHaveLength(chunks);
    // The key was held for 15 s: nobody could tell Redis that the upload was refused.
  }, 60_000);

  it('goes on where only a part of it was queued, though a worker has begun it', async () => {
    const { body } = await upload(csv, 'a-key');
    const { importId } = body.data;
    await kept.forgetAnswer(tenantId, 'a-key');
    await stores.begin(importId);
    await stores.queue.remove(`${importId}-1`);

    const again = await upload(csv, 'a-key');

    expect(again.body.data).toMatchObject({ importId });
    expect((await jobs()).map(({ id }) => id)).toContain(`${importId}-1`);
  });

  it('is kept long, and announced, once its jobs are queued', async () => {
    const { status, body } = await upload(csv);

    const events = await watch.until(body.data.importId, 'customer.import.queued');

    expect(status).toBe(202);
    expect(events.map(({ type }) => type)).toEqual(['customer.import.queued']);
    expect(events[0]?.data).toMatchObject({ counts: { rows: ROWS, processed: 0 } });
    const ttls = await ttlsMs();
    expect(ttls).toHaveLength(1 + CHUNKS);
    for (const ttl of ttls) expect(ttl).toBeGreaterThan(29 * 24 * HOUR_MS);
    expect(await listed()).toEqual([body.data.importId]);
  });

  it('is not announced nor shown when it was never queued, and goes within two days', async () => {
    const { status } = await unanswered(QUEUES, true);

    expect(status).toBe(503);
    expect(await listed()).toEqual([]);
    // The channel is everybody's.
    expect(watch.all().filter(({ tenantid }) => tenantid === tenantId)).toEqual([]);
    expect(await jobs()).toEqual([]);
    // Its last chunk and its record go with its jobs.
    const ttls = await ttlsMs();
    expect(ttls).toHaveLength(CHUNKS - 1);
    for (const ttl of ttls) {
      expect(ttl).toBeGreaterThan(23 * HOUR_MS);
      expect(ttl).toBeLessThanOrEqual(48 * HOUR_MS);
    }
  });

  it('is shown, announced and done when the API died as soon as it had queued it', async () => {
    const { status } = await unanswered(QUEUES, false);
    const [job] = await jobs();
    const { importId } = job?.data ?? {};
    const before = await listed();

    const worker = await createTestApp({ role: 'worker', variables: direct.variables });
    const events = await watch.until(importId, 'customer.import.completed');
    const ended = await waitForImport(client, importId);
    await worker.close();

    expect([status, before]).toEqual([503, [importId]]);
    expect(events[0]?.type).toBe('customer.import.queued');
    expect(queuedEvents(importId)).toHaveLength(1);
    expect(ended).toMatchObject({ status: 'completed', counts: { rows: ROWS, created: ROWS } });
  });

  describe('of which Redis took the jobs and not all that goes with them', () => {
    const importOf = async () => {
      const { body } = await upload(csv);
      const { importId } = body.data;
      await stores.unconfirm(importId);
      return { importId, chunks: (await jobs()).map(({ data }) => data as ImportChunk) };
    };

    it('is shown to nobody until a worker has a job of it', async () => {
      const { importId } = await importOf();
      const [before, hidden] = [await listed(), await client.get(`/api/customer/imports/${importId}`)];

      const worker = await createTestApp({ role: 'worker', variables: direct.variables });
      const ended = await waitForImport(client, importId);
      await worker.close();

      expect([before, hidden.status]).toEqual([[], 404]);
      expect(ended).toMatchObject({ status: 'completed', counts: { rows: ROWS, created: ROWS } });
      expect(await listed()).toEqual([importId]);
    });

    it('is announced and shown when no job of it gets as far as to begin', async () => {
      const { importId, chunks } = await importOf();
      const progress = importProgress();

      for (const chunk of chunks) await progress.chunkFailed(chunk, 'its worker died');

      const events = await watch.until(importId, 'customer.import.failed');
      // Before, as it was confirmed; and by the worker, under the same id.
      expect(new Set(queuedEvents(importId).map(({ id }) => id)).size).toBe(1);
      expect(events.filter(({ type }) => type === 'customer.import.queued')).toHaveLength(2);
      expect(await listed()).toEqual([importId]);
    });
  });

  it.each([
    ['was stored and not queued', { lost: true, left: 0 }],
    ['was queued, and the queue did not answer', { lost: false, left: CHUNKS }],
  ])('is one import after a retry with its key, when it %s', async (_, { lost, left }) => {
    const key = randomUUID();

    const refused = await unanswered(QUEUES, lost, key);
    const before = await jobs();
    // As if it had run out: what would have released it may be lost too.
    await kept.shortenClaim(tenantId, key, 1);
    const other = await waitFor(
      'Redis to be back',
      () => upload(buildCsv({ rows: 3 }), key),
      ({ status }) => status !== 503,
    );
    const accepted = await untilAccepted(() => upload(csv, key));

    const { importId } = accepted.body.data;
    expect([refused.status, before.length, other.status]).toEqual([503, left, 422]);
    expect(accepted.body.data).toMatchObject({ rows: ROWS, bytes: csv.length });
    const after = (await jobs()).map(({ id = '' }) => id).sort();
    expect(after).toEqual(Array.from({ length: CHUNKS }, (__, chunk) => `${importId}-${chunk}`));
    expect(await listed()).toEqual([importId]);
    expect(queuedEvents(importId)).toHaveLength(1);
    for (const ttl of await ttlsMs()) expect(ttl).toBeGreaterThan(29 * 24 * HOUR_MS);
  });

  it('is not done again by a retry that comes when it is finished', async () => {
    const key = randomUUID();
    const first = await upload(csv, key);
    const { importId } = first.body.data;
    const worker = await createTestApp({ role: 'worker', variables: direct.variables });
    const ended = await waitForImport(client, importId);
    await worker.close();
    await stores.queue.obliterate({ force: true });
    await kept.forgetAnswer(tenantId, key);

    const again = await upload(csv, key);

    expect(again.body).toEqual(first.body);
    expect(await jobs()).toEqual([]);
    expect((await client.get(`/api/customer/imports/${importId}`)).body.data).toEqual(
      expect.objectContaining({ status: 'completed', counts: ended.counts }),
    );
    expect(queuedEvents(importId)).toHaveLength(1);
  });
});
