import type { Client } from '../helpers/client';
import { Stores } from '../helpers/stores';
import { createTestApp, type TestApp } from '../helpers/test-app';

const CSV = 'name,email\nAna,ana@example.com\n';
const part = (disposition: string, content: string, more = '') =>
  `--x\r\nContent-Disposition: form-data; ${disposition}${more}\r\n\r\n${content}\r\n`;
const field = (name: string, content = 'x') => part(`name="${name}"`, content);
const file = (name = 'file') => part(`name="${name}"; filename="a.csv"`, CSV);

/** Forms that would be large or many before a CSV is found in them. Forms that are merely wrong: bad-uploads.spec.ts. */
describe('a hostile form', () => {
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

  const send = (body: string, type = 'multipart/form-data; boundary=x') =>
    client.fetch('/api/customer/upload', { method: 'POST', headers: { 'content-type': type }, body });

  it.each([
    ['nine fields before its file', Array.from({ length: 9 }, (_, n) => field(`f${n}`)).join('') + file()],
    [
      'a thousand fields before its file',
      Array.from({ length: 1_000 }, (_, n) => field(`f${n}`)).join('') + file(),
    ],
    ['nine fields after its file', file() + Array.from({ length: 9 }, (_, n) => field(`f${n}`)).join('')],
    ['a thousand files', file().repeat(1_000)],
    ['a field named __proto__', field('__proto__') + file()],
    ['a file in a field named __proto__', file('__proto__')],
  ])('is refused with %s, and leaves nothing behind', async (_, body) => {
    const before = await stores.uploadKeys();

    const { status, headers } = await send(`${body}--x--\r\n`);

    expect([400, 413]).toContain(status);
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await stores.uploadKeys()).toEqual(before);
  });

  it.each([
    ['a field of more than 1 KiB', field('comment', 'x'.repeat(1_025)) + file()],
    ['a field of 10 MB', field('comment', 'x'.repeat(10_000_000)) + file()],
    ['a part with a header of 100 kB', part('name="a"', 'x', `\r\nX-Long: ${'x'.repeat(100_000)}`) + file()],
    [
      'a part with a thousand headers',
      part(
        'name="a"',
        'x',
        Array.from({ length: 1_000 }, (_, n) => `\r\nX-${n}: ${'x'.repeat(80)}`).join(''),
      ) + file(),
    ],
    ['a field whose name is 10 kB long', field('x'.repeat(10_000)) + file()],
  ])('is taken with %s, of which no more is kept than its limit', async (_, body) => {
    const before = process.memoryUsage().heapUsed;

    const { status } = await send(`${body}--x--\r\n`);

    expect(status).toBe(202);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(20_000_000);
  });

  it.each([
    'multipart/form-data; boundary=',
    `multipart/form-data; boundary=${'x'.repeat(1_000)}`,
    'multipart/mixed; boundary=x',
    'multipart/form-datax; boundary=x',
  ])('is refused as %s', async (type) => {
    const before = await stores.uploadKeys();

    const { status } = await send(`${file()}--x--\r\n`, type);

    expect([400, 415]).toContain(status);
    expect(await stores.uploadKeys()).toEqual(before);
  });
});
