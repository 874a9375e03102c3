import { gzipSync } from 'node:zlib';
import type { Client } from '../helpers/client';
import { Stores } from '../helpers/stores';
import { createTestApp, type TestApp } from '../helpers/test-app';

const MIB = 1024 * 1024;
const HEADER = 'name,email\n';
const ROW = 'Ana,ana@example.com\n';
const GZIP = { 'content-encoding': 'gzip' };

/** Files that are made to be large for who reads them. How little is held of them, and for how long: early-stops.spec.ts. */
describe('a hostile file', () => {
  let app: TestApp;
  let client: Client;
  let stores: Stores;

  beforeAll(async () => {
    app = await createTestApp({ role: 'api' });
    client = app.client();
    stores = await Stores.of(app);
  });

  afterEach(async () => {
    expect(await stores.uploadKeys()).toEqual([]);
  });

  afterAll(async () => {
    await stores.close();
    await app.close();
  });

  it('is refused as a bomb that unpacks to more than IMPORT_MAX_BYTES', async () => {
    const small = await createTestApp({
      role: 'api',
      variables: { ...app.variables, IMPORT_MAX_BYTES: '1000000' },
    });
    const bomb = gzipSync(Buffer.concat([Buffer.from(HEADER), Buffer.alloc(100 * MIB, ROW)]));

    const { status } = await small.client().upload(bomb, '', GZIP);
    await small.close();

    expect(bomb.length).toBeLessThan(MIB);
    expect(status).toBe(413);
  });

  it('is refused as one line of 100 MB, packed into 100 kB', async () => {
    const line = gzipSync(Buffer.concat([Buffer.from(HEADER), Buffer.alloc(99 * MIB, 'x')]));

    const { status, body } = await client.upload(line, '', GZIP);

    expect(status).toBe(400);
    expect(body.errors).toMatchObject([{ field: 'line 2', code: 'record_too_long' }]);
  });

  it('is refused as one line of 100 MB, as it is', async () => {
    const { status, body } = await client.upload(
      Buffer.concat([Buffer.from(HEADER), Buffer.alloc(99 * MIB, 'x')]),
    );

    expect(status).toBe(400);
    expect(body.errors).toMatchObject([{ field: 'line 2', code: 'record_too_long' }]);
  });

  it('is refused with 10,000 columns', async () => {
    const header = Array.from({ length: 9_998 }, (_, column) => `column ${column}`);

    const answer = await client.upload(`name,email,${header.join()}\n${'x,'.repeat(9_999)}x\n`);

    expect(answer.status).toBe(400);
    expect(answer.body.errors).toMatchObject([{ field: 'file', code: 'too_many_columns' }]);
  });

  it.each([
    ['row', `${HEADER}${','.repeat(1_000_000)}\n`],
    ['header', `${HEADER.trim()}${',a'.repeat(900_000)}\n${ROW}`],
  ])('is previewed with a million cells in its %s, of which few are shown', async (_, csv) => {
    const answer = await client.preview(csv);

    expect(answer.status).toBe(200);
    expect(JSON.stringify(answer.body).length).toBeLessThan(csv.length / 10);
  });

  it('is refused packed twice', async () => {
    const { status } = await client.upload(gzipSync(gzipSync(HEADER + ROW)), '', GZIP);

    expect(status).toBe(415);
  });
});
