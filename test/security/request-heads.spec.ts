import { openRaw, sendRaw, statusesIn } from '../helpers/raw-http';
import { createTestApp, type TestApp } from '../helpers/test-app';

const get = (path: string, ...headers: string[]) =>
  [`GET ${path} HTTP/1.1`, 'host: localhost', 'connection: close', ...headers].join('\r\n') + '\r\n\r\n';
const manyHeaders = (count: number, value = 'x') =>
  Array.from({ length: count }, (_, n) => `x-h${n}: ${value}`);

describe('the head of a request', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await createTestApp({ role: 'api' });
  });

  afterAll(async () => {
    await app.close();
  });

  it.each([
    ['one header of 17 kB', get('/health/live', `x-long: ${'x'.repeat(17_000)}`)],
    ['headers of 20 kB together', get('/health/live', ...manyHeaders(90, 'x'.repeat(220)))],
    ['101 headers', get('/health/live', ...manyHeaders(99))],
    ['3,000 headers', get('/health/live', ...Array<string>(3_000).fill('a:b'))],
    ['a token of 100 kB', get('/api/customer', `authorization: Bearer ${'x'.repeat(100_000)}`)],
    ['a URL of 100 kB', get(`/api/customer?search=${'x'.repeat(100_000)}`)],
  ])('with %s is answered 431', async (_, request) => {
    const answer = await sendRaw(app.url, request);

    expect(statusesIn(answer)).toEqual([431]);
    expect(answer).toMatch(/^content-type: application\/problem\+json/m);
    expect(answer).toMatch(/^x-request-id: [0-9a-f-]{36}\r$/m);
    expect(answer).toContain('"title":"Request Header Fields Too Large"');
  });

  it.each([`/api/customer?search=${'x'.repeat(13_000)}`, `/${'x'.repeat(13_000)}`])(
    'with a URL of 13 kB is answered 414',
    async (path) => {
      const answer = await sendRaw(app.url, get(path));

      expect(statusesIn(answer)).toEqual([414]);
      expect(answer).toContain('"title":"URI Too Long"');
    },
  );

  it('with a hundred headers, and 12 kB of them, is taken', async () => {
    const answer = await sendRaw(app.url, get('/health/live', ...manyHeaders(98, 'x'.repeat(100))));

    expect(statusesIn(answer)).toEqual([200]);
  });

  it.each([
    ['an empty path', 'GET  HTTP/1.1\r\nhost: localhost\r\n\r\n'],
    ['no host', 'GET /health/live HTTP/1.1\r\nconnection: close\r\n\r\n'],
    ['a NUL in a header', 'GET /health/live HTTP/1.1\r\nhost: localhost\r\nx-a: \0\r\n\r\n'],
    ['a header without a name', 'GET /health/live HTTP/1.1\r\nhost: localhost\r\n: x\r\n\r\n'],
    ['another version of HTTP', 'GET /health/live HTTP/3.7\r\nhost: localhost\r\n\r\n'],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ])('with %s is answered 400, and ends its connection', async (_, request) => {
    expect(statusesIn(await sendRaw(app.url, request))).toEqual([400]);
  });
});

/** Requests whose end this service and a proxy in front of it might see in different places. */
describe('a smuggled request', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await createTestApp({ role: 'api' });
  });

  afterAll(async () => {
    await app.close();
  });

  const SMUGGLED = 'GET /health/live HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n';
  const post = (...headers: string[]) =>
    ['POST /api/customer HTTP/1.1', 'host: localhost', 'content-type: application/json', ...headers].join(
      '\r\n',
    ) + '\r\n\r\n';

  it.each([
    ['a length and chunks', `${post('content-length: 5', 'transfer-encoding: chunked')}0\r\n\r\n`],
    ['chunks and a length', `${post('transfer-encoding: chunked', 'content-length: 5')}0\r\n\r\n`],
    ['two lengths', post('content-length: 0', 'content-length: 5')],
    ['two lengths in one', post('content-length: 0, 5')],
    ['a length with a sign', post('content-length: +0')],
    ['a negative length', post('content-length: -1')],
    ['a length in hexadecimal', post('content-length: 0x0')],
    ['chunked twice', `${post('transfer-encoding: chunked', 'transfer-encoding: chunked')}0\r\n\r\n`],
    ['chunks that are not the last encoding', `${post('transfer-encoding: chunked, identity')}0\r\n\r\n`],
    ['an unknown encoding', `${post('transfer-encoding: xchunked')}0\r\n\r\n`],
    ['a space before the colon', `${post('transfer-encoding : chunked')}0\r\n\r\n`],
    ['a tab in the encoding', `${post('transfer-encoding:\x0bchunked')}0\r\n\r\n`],
    ['a folded header', `${post('x-a: b\r\n transfer-encoding: chunked', 'content-length: 5')}0\r\n\r\n`],
    ['a chunk whose size is none', `${post('transfer-encoding: chunked')}0x5\r\nhello\r\n0\r\n\r\n`],
    ['a chunk that is longer than its size', `${post('transfer-encoding: chunked')}1\r\nhello\r\n0\r\n\r\n`],
    ['a size that overflows', `${post('transfer-encoding: chunked')}fffffffffffffffff\r\nx\r\n`],
    ['line ends without CR', `${post('transfer-encoding: chunked').replaceAll('\r', '')}0\n\n`],
  ])('behind one with %s is not answered', async (_, request) => {
    const statuses = statusesIn(await sendRaw(app.url, request + SMUGGLED));

    expect(statuses).not.toContain(200);
    expect(statuses.at(-1)).toBe(400);
  });

  it('is none behind a request that is well formed: both are answered, in order', async () => {
    const { ended } = openRaw(app.url, `${post('content-length: 2')}{}${SMUGGLED}`);

    expect(statusesIn(await ended)).toEqual([401, 200]);
  });
});
