import { gzipSync } from 'node:zlib';
import { buildCsv } from '../factories/csv';
import { buildCustomer } from '../factories/customer';
import type { Client } from '../helpers/client';
import { changesSomething, documentedRoutes, filled, nameOf } from '../helpers/service-routes';
import { Stores } from '../helpers/stores';
import { createTestApp, type TestApp } from '../helpers/test-app';

const CSV = buildCsv({ rows: 3 });
const FILE_ROUTES = ['/api/customer/upload', '/api/customer/imports/preview'];

/** Bodies of which nobody knows how they would be read: they are refused by what they say they are, and not read. */
describe('a body of another kind', () => {
  let app: TestApp;
  let client: Client;
  let stores: Stores;

  beforeAll(async () => {
    app = await createTestApp({ role: 'api' });
    client = app.client({ roles: ['user', 'operator'] });
    stores = await Stores.of(app);
  });

  afterEach(async () => {
    expect(await stores.uploadKeys()).toEqual([]);
  });

  afterAll(async () => {
    await stores.close();
    await app.close();
  });

  const send = (path: string, body: NonNullable<RequestInit['body']>, headers: Record<string, string> = {}) =>
    client.fetch(path, { method: 'POST', headers, body });
  const json = JSON.stringify(buildCustomer());

  it.each(['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'text/csv', 'nonsense', ''])(
    'is answered 415 where JSON is taken: %p',
    async (type) => {
      const answer = await send('/api/customer', json, { 'content-type': type });

      expect(answer.status).toBe(415);
      expect(answer.body).toMatchObject({ title: 'Unsupported Media Type', success: false });
    },
  );

  it.each([
    'application/json-patch+json',
    'application/problem+json',
    'application/jsonp',
    'text/json',
    'application/json, text/plain',
  ])('is answered 415 where it only looks like JSON: %s', async (type) => {
    expect((await send('/api/customer', json, { 'content-type': type })).status).toBe(415);
  });

  it('is answered 415 where it does not say what it is', async () => {
    expect((await send('/api/customer', Buffer.from(json))).status).toBe(415);
    expect((await send('/api/customer/upload', Buffer.from(CSV))).status).toBe(415);
  });

  it('is answered 415 as a form where JSON is taken', async () => {
    const form = new FormData();
    form.append('name', 'Ana');

    expect((await send('/api/customer', form)).status).toBe(415);
  });

  it('is answered 415 on each documented route that changes something', async () => {
    const changing = (await documentedRoutes(app)).filter(changesSomething);

    const answers = await Promise.all(
      changing.map(async (route) => {
        const headers = { 'content-type': 'application/xml' };
        const init = { method: route.method, headers, body: '<name>Ana</name>' };
        return [nameOf(route), (await client.fetch(filled(route.path), init)).status];
      }),
    );

    expect(answers).toEqual(changing.map((route) => [nameOf(route), 415]));
    expect(changing.length).toBeGreaterThan(10);
  });

  it.each(FILE_ROUTES)('is answered 415 where a file is taken: %s', async (path) => {
    const types = ['application/json', 'application/octet-stream', 'application/vnd.ms-excel', 'text/plain'];

    const statuses = await Promise.all(
      types.map(async (type) => (await send(path, CSV, { 'content-type': type })).status),
    );

    expect(statuses).toEqual([415, 415, 415, 415]);
  });

  it.each(['br', 'deflate', 'zstd', 'gzip, gzip', 'gzip, br', 'x-gzip', 'nonsense'])(
    'is answered 415 where a file is packed as %s',
    async (encoding) => {
      const headers = { 'content-type': 'text/csv', 'content-encoding': encoding };

      const statuses = await Promise.all(
        FILE_ROUTES.map(async (path) => (await send(path, CSV, headers)).status),
      );

      expect(statuses).toEqual([415, 415]);
    },
  );

  it('is answered 415 where anything but a file is packed', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const form = { 'content-type': 'multipart/form-data; boundary=x', 'content-encoding': 'gzip' };

    expect((await send('/api/customer', gzipSync(json), headers)).status).toBe(415);
    expect((await send('/api/customer/upload', gzipSync('--x--\r\n'), form)).status).toBe(415);
  });
});
