import { randomUUID } from 'node:crypto';
import { request, type ClientRequest } from 'node:http';
import { json } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { buildCsv } from '../factories/csv';
import type { Answer, Client } from '../helpers/client';
import { KeyStore, untilAccepted } from '../helpers/keyed-writes';
import { Stores } from '../helpers/stores';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { newTenant } from '../helpers/tokens';
import { waitFor } from '../helpers/wait';

const CSV = buildCsv({ rows: 2_500 });
const OTHER = buildCsv({ rows: 2_500 });
/** More than fits into the buffers on the way, in any form. */
const LARGE = buildCsv({ rows: 300_000 });

type LateAnswer = Omit<Answer, 'headers'>;

/** No worker runs: what is queued stays. */
describe('an upload with an Idempotency-Key', () => {
  let app: TestApp;
  let stores: Stores;
  let kept: KeyStore;
  let tenantId: string;
  let client: Client;
  let key: string;

  beforeAll(async () => {
    app = await createTestApp({ role: 'api' });
    stores = await Stores.of(app);
    kept = KeyStore.of(app);
  });

  beforeEach(() => {
    tenantId = newTenant();
    client = app.client({ tenantId });
    key = randomUUID();
  });

  afterAll(async () => {
    await kept.close();
    await stores.close();
    await app.close();
  });

  const upload = (csv: string, headers: Record<string, string> = {}) =>
    client.upload(csv, '', { 'idempotency-key': key, ...headers });
  const uploadGzip = (csv: string): Promise<Answer> =>
    client.upload(gzipSync(csv), '', { 'idempotency-key': key, 'content-encoding': 'gzip' });
  const uploadForm = (csv: string): Promise<Answer> => {
    const form = new FormData();
    form.append('file', new Blob([csv], { type: 'text/csv' }), 'customers.csv');
    const headers = { 'idempotency-key': key };
    return client.fetch('/api/customer/upload', { method: 'POST', headers, body: form });
  };
  const ways = { 'text/csv': upload, 'a form': uploadForm, gzip: uploadGzip };

  const importsOf = async (): Promise<string[]> =>
    (await client.get('/api/customer/imports')).body.data.items.map(
      ({ importId }: { importId: string }) => importId,
    );
  const chunkJobsOf = async (importId: string) =>
    (await stores.queue.getJobs(['prioritized'])).filter(({ data }) => data.importId === importId).length;

  /** An upload that sends a first piece, and the rest when it is told to. */
  const begin = (first: string): { sending: ClientRequest; answer: Promise<LateAnswer> } => {
    const sending = request(`${app.url}/api/customer/upload`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${client.token}`,
        'content-type': 'text/csv',
        'idempotency-key': key,
      },
    });
    const answer = new Promise<LateAnswer>((resolve, reject) => {
      sending.on('error', reject);
      sending.on('response', (response) => {
        json(response).then((body) => {
          resolve({ status: response.statusCode ?? 0, body });
        }, reject);
      });
    });
    sending.write(first);
    return { sending, answer };
  };
  const claimed = () =>
    waitFor(
      'the key to be claimed',
      () => kept.claimedMs(tenantId, key),
      (ms) => ms > 0,
    );

  it('is one import, however often and in whatever form the file is sent', async () => {
    const first = await upload(CSV);

    const again = [await upload(CSV), await uploadForm(CSV), await uploadGzip(CSV)];

    expect(first.status).toBe(202);
    for (const repeat of again) {
      expect(repeat.status).toBe(202);
      expect(repeat.body).toEqual(first.body);
      expect(repeat.headers.get('location')).toBe(first.headers.get('location'));
      expect(repeat.headers.get('idempotency-replayed')).toBe('true');
    }
    expect(await importsOf()).toEqual([first.body.data.importId]);
    expect(await chunkJobsOf(first.body.data.importId)).toBe(3);
  });

  it.each(Object.entries(ways))('is not for another file: 422, sent as %s', async (_, send) => {
    const first = await upload(CSV);
    const before = await stores.uploadKeys();

    const other = await send(OTHER);

    expect([first.status, other.status]).toEqual([202, 422]);
    expect(await stores.uploadKeys()).toEqual(before);
  });

  it.each(Object.entries(ways))('is refused at once for a malformed key, sent as %s', async (_, send) => {
    key = 'a b';

    const { status, body } = await send(LARGE);

    expect(status).toBe(400);
    expect(body.errors).toMatchObject([{ field: 'Idempotency-Key' }]);
  });

  it('is not for another query: 422', async () => {
    await upload(CSV);

    const { status } = await client.upload(CSV, '?onDuplicate=skip', { 'idempotency-key': key });

    expect(status).toBe(422);
  });

  it('leaves the key free when it is refused', async () => {
    const before = await stores.uploadKeys();
    const bad = await upload('name,phone\nAna,1\n');
    const late = await upload(`${CSV}"never closed`);
    expect(await stores.uploadKeys()).toEqual(before);
    expect(await kept.ttlMs(tenantId, key)).toBeLessThan(0);

    const good = await upload(CSV);

    expect([bad.status, late.status, good.status]).toEqual([400, 400, 202]);
  });

  it('leaves the key free when it is cut off', async () => {
    const { sending, answer } = begin(CSV.slice(0, CSV.length / 2));
    answer.catch(() => undefined);
    await claimed();
    sending.destroy();

    const good = await untilAccepted(() => upload(CSV));

    expect(await importsOf()).toEqual([good.body.data.importId]);
  });

  it.each(Object.entries(ways))('keeps others out while it is under way, sent as %s', async (_, send) => {
    const { sending, answer } = begin(CSV.slice(0, CSV.length / 2));
    await claimed();

    const other = await send(LARGE);
    sending.end(CSV.slice(CSV.length / 2));
    const { status, body } = await answer;

    expect(other.status).toBe(409);
    expect(Number(other.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(status).toBe(202);
    expect(await importsOf()).toEqual([body.data.importId]);
  });

  it('keeps its key as long as it takes', async () => {
    const { sending, answer } = begin(CSV.slice(0, CSV.length / 2));
    await claimed();
    await kept.shortenClaim(tenantId, key, 7_000);

    const renewedMs = await waitFor(
      'the claim to be renewed',
      () => kept.claimedMs(tenantId, key),
      (ms) => ms > 10_000 || ms < 0,
    );
    sending.end(CSV.slice(CSV.length / 2));

    expect(renewedMs).toBeGreaterThan(10_000);
    expect((await answer).status).toBe(202);
  });

  it('queues and removes nothing when it hung, and another request took its key over', async () => {
    const { sending, answer } = begin(CSV.slice(0, CSV.length / 2));
    await claimed();
    await kept.claim(tenantId, key, 60_000);
    const before = await waitFor(
      'a chunk',
      () => stores.uploadKeys(),
      (keys) => keys.some((name) => name.endsWith(':chunk:0')),
    );

    sending.end(CSV.slice(CSV.length / 2));
    const { status } = await answer;

    expect(status).toBe(409);
    expect(await importsOf()).toEqual([]);
    expect(await stores.uploadKeys()).toEqual(expect.arrayContaining(before));
  });

  it('of a process that died is taken over with the same id, for the same file only', async () => {
    const first = await upload(CSV);
    await kept.forgetAnswer(tenantId, key);
    const bytes = await stores.chunkBytes(first.body.data.importId, 0);

    const other = await upload(OTHER);
    const unharmed = await stores.chunkBytes(first.body.data.importId, 0);
    const again = await upload(CSV);

    expect(other.status).toBe(422);
    expect(unharmed).toEqual(bytes);
    expect(again.status).toBe(202);
    expect(again.headers.get('idempotency-replayed')).toBeNull();
    expect(again.body).toEqual(first.body);
    expect(await importsOf()).toEqual([first.body.data.importId]);
    expect(await chunkJobsOf(first.body.data.importId)).toBe(3);
  });
});
