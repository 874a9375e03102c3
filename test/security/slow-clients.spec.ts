import { setTimeout } from 'node:timers/promises';
import { buildCsv } from '../factories/csv';
import { buildCustomer } from '../factories/customer';
import { drip, openRaw, sendRaw, statusesIn, type RawConnection } from '../helpers/raw-http';
import { Stores } from '../helpers/stores';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { tokenFor } from '../helpers/tokens';
import { waitFor } from '../helpers/wait';

const HEADERS_TIMEOUT_MS = 500;
const BODY_TIMEOUT_MS = 1_000;
/** What a loaded machine may add to a look at what does not come. */
const LATE_MS = 4_000;
const EACH = 150;
const MB = 1_000_000;

const head = (path: string, headers: Record<string, string>) =>
  [
    `POST ${path} HTTP/1.1`,
    'host: localhost',
    `authorization: Bearer ${tokenFor()}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ].join('\r\n');
const JSON_HEAD = () =>
  head('/api/customer', { 'content-type': 'application/json', 'content-length': '60000' });
const FORM_HEAD = () =>
  head('/api/customer/upload', {
    'content-type': 'multipart/form-data; boundary=x',
    'transfer-encoding': 'chunked',
  });
const CSV_HEAD = () =>
  head('/api/customer/upload', { 'content-type': 'text/csv', 'content-length': '90000000' });
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
const FILE = 'Content-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nname,email\n';

/** Beginnings of requests, and what is sent of them from then on, a little at a time. */
const KINDS: [kind: string, first: () => string, more: string][] = [
  ['headers that do not end', () => `${head('/api/customer', {})}\r\nx-slow: `, 'x'],
  ['a JSON body that does not end', () => `${JSON_HEAD()}\r\n\r\n{"name":"`, 'x'],
  ['a form whose parts do not begin', () => `${FORM_HEAD()}\r\n\r\n${chunk('--x')}`, chunk('\r')],
  [
    'a file in a form that does not end',
    () => `${FORM_HEAD()}\r\n\r\n${chunk(`--x\r\n${FILE}`)}`,
    chunk('x'),
  ],
  ['a file that does not end', () => `${CSV_HEAD()}\r\n\r\nname,email\n`, 'x'],
];

describe('a slow client', () => {
  let app: TestApp;
  let stores: Stores;

  beforeAll(async () => {
    app = await createTestApp({
      role: 'api',
      variables: {
        HEADERS_TIMEOUT_MS: String(HEADERS_TIMEOUT_MS),
        BODY_TIMEOUT_MS: String(BODY_TIMEOUT_MS),
        UPLOAD_MIN_BYTES_PER_SECOND: '1000',
      },
    });
    stores = await Stores.of(app);
  });

  afterAll(async () => {
    await stores.close();
    await app.close();
  });

  it.each(KINDS)('that sends %s is answered 408, and its connection is ended', async (_, first, more) => {
    const began = Date.now();
    const { socket, ended } = openRaw(app.url, first());
    drip(socket, more, 50);

    const answer = await ended;

    expect(statusesIn(answer)).toEqual([408]);
    expect(answer).toMatch(/content-type: application\/problem\+json/);
    expect(Date.now() - began).toBeLessThan(BODY_TIMEOUT_MS * 1.2 + LATE_MS);
    await waitFor(
      'what was stored of it to be removed',
      () => stores.uploadKeys(),
      (keys) => keys.length === 0,
    );
  });

  it.each(KINDS)('that sends %s and then nothing is answered 408 as well', async (_, first) => {
    expect(statusesIn(await sendRaw(app.url, first()))).toEqual([408]);
  });

  it('may take longer for a file, as long as enough of it comes', async () => {
    const csv = buildCsv({ rows: 200 });
    const pieces = csv.match(/[^]{1,1000}/g) ?? [];
    const { socket, ended } = openRaw(
      app.url,
      `${head('/api/customer/upload', {
        ...{ 'content-type': 'text/csv', 'content-length': String(Buffer.byteLength(csv)) },
        connection: 'close',
      })}\r\n\r\n`,
    );
    const began = Date.now();

    for (const piece of pieces) {
      socket.write(piece);
      await setTimeout(2_500 / pieces.length);
    }

    expect(Date.now() - began).toBeGreaterThan(2 * BODY_TIMEOUT_MS);
    expect(statusesIn(await ended)).toEqual([202]);
  });

  it('that reads nothing of what it was answered keeps no request under way', async () => {
    const { socket, ended } = openRaw(app.url, `${JSON_HEAD()}\r\n\r\n{"name":"`);
    socket.pause();

    await waitFor(
      'the service to end it',
      () => {
        socket.resume();
        return Promise.race([ended, Promise.resolve('')]);
      },
      (answer) => answer !== '',
    );

    expect(statusesIn(await ended)).toEqual([408]);
  });
});

describe('many slow clients', () => {
  let app: TestApp;
  const open: RawConnection[] = [];

  beforeAll(async () => {
    // Long enough that all of them are there at once.
    const variables = { HEADERS_TIMEOUT_MS: '120000', BODY_TIMEOUT_MS: '120000' };
    app = await createTestApp({ role: 'api', variables });
  });

  afterAll(async () => {
    for (const { socket } of open) socket.destroy();
    await app.close();
  });

  it('hold little, and keep nobody else out', async () => {
    const client = app.client();
    await client.post('/api/customer', buildCustomer());
    const before = process.memoryUsage().rss;
    for (const [, first, more] of KINDS) {
      for (let n = 0; n < EACH; n += 1) {
        const connection = openRaw(app.url, first());
        drip(connection.socket, more, 1_000);
        open.push(connection);
      }
    }
    await waitFor(
      'all of them to be connected',
      () => Promise.resolve(open.filter(({ socket }) => socket.connecting).length),
      (connecting) => connecting === 0,
    );

    const took: number[] = [];
    const statuses: number[] = [];
    for (let n = 0; n < 20; n += 1) {
      const began = performance.now();
      statuses.push((await client.post('/api/customer', buildCustomer())).status);
      took.push(performance.now() - began);
    }

    expect(statuses).toEqual(Array(20).fill(202));
    expect(Math.max(...took)).toBeLessThan(1_000);
    expect(open.filter(({ socket }) => socket.destroyed)).toEqual([]);
    // Both ends of each are in this process.
    expect((process.memoryUsage().rss - before) / open.length).toBeLessThan(0.25 * MB);
  }, 60_000);
});

describe('CONNECTIONS_MAX', () => {
  it('is how many connections a process has; one more is ended, and there is room again when another has ended', async () => {
    const app = await createTestApp({ role: 'api', variables: { CONNECTIONS_MAX: '20' } });
    const health = 'GET /health/live HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n';
    const open: RawConnection[] = [];
    // Those that waiting for the app has left are among them.
    for (let n = 0; n < 20; n += 1) open.push(openRaw(app.url, 'GET '));

    const refused = await sendRaw(app.url, health);
    for (const { socket } of open) socket.destroy();
    const answer = await waitFor(
      'there to be room',
      () => sendRaw(app.url, health),
      (text) => text !== '',
    );
    await app.close();

    expect(refused).toBe('');
    expect(statusesIn(answer)).toEqual([200]);
  });
});
