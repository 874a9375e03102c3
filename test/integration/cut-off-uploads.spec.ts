import { request, type ClientRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { buildCsv } from '../factories/csv';
import type { Client } from '../helpers/client';
import { Stores } from '../helpers/stores';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitFor } from '../helpers/wait';

const CSV = buildCsv({ rows: 20_000 });

describe('an upload that is cut off', () => {
  let app: TestApp;
  let client: Client;
  let stores: Stores;

  beforeAll(async () => {
    app = await createTestApp({ role: 'api' });
    client = app.client();
    stores = await Stores.of(app);
  });

  afterAll(async () => {
    await stores.close();
    await app.close();
  });

  const begin = (headers: Record<string, string | number>, first: string | Buffer): ClientRequest => {
    const upload = request(`${app.url}/api/customer/upload`, {
      method: 'POST',
      headers: { authorization: `Bearer ${client.token}`, ...headers },
    });
    // It is destroyed under way.
    upload.on('error', () => undefined);
    upload.write(first);
    return upload;
  };

  const FORM_HEAD = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n';
  const half = CSV.slice(0, CSV.length / 2);
  const zipped = gzipSync(CSV);

  it.each<[string, Record<string, string | number>, string | Buffer]>([
    ['of text/csv', { 'content-type': 'text/csv', 'content-length': CSV.length }, half],
    ['of text/csv without a length', { 'content-type': 'text/csv' }, half],
    ['of a form', { 'content-type': 'multipart/form-data; boundary=x' }, FORM_HEAD + half],
    [
      'of gzip',
      { 'content-type': 'text/csv', 'content-encoding': 'gzip' },
      zipped.subarray(0, zipped.length / 2),
    ],
  ])('leaves nothing behind: one %s', async (_, headers, first) => {
    const upload = begin(headers, first);
    await waitFor(
      'first chunks in Redis',
      () => stores.uploadKeys(),
      (keys) => keys.length > 0,
    );

    upload.destroy();
    const left = await waitFor(
      'all of it to be gone',
      () => stores.uploadKeys(),
      (keys) => keys.length === 0,
      { timeoutMs: 3_000 },
    );

    expect(left).toEqual([]);
    expect(await stores.queue.getJobCountByTypes()).toBe(0);
    expect((await client.get('/api/customer/imports')).body.data.items).toEqual([]);
  });

  it('keeps no chunk for ever, whatever happens: each has a time to live', async () => {
    const upload = begin({ 'content-type': 'text/csv' }, half);
    const keys = await waitFor(
      'first chunks in Redis',
      () => stores.uploadKeys(),
      (found) => found.length > 0,
    );

    const ttls = await Promise.all(keys.map((key) => stores.ttlMs(key)));
    upload.destroy();

    for (const ttl of ttls) expect(ttl).toBeGreaterThan(0);
    await waitFor(
      'all of it to be gone',
      () => stores.uploadKeys(),
      (found) => found.length === 0,
    );
  });
});
