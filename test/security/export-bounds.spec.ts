import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Client } from '../helpers/client';
import { acceptedImport } from '../helpers/customers';
import { testVariables } from '../helpers/environment';
import { withPort } from '../helpers/outage';
import { profile } from '../helpers/profiled';
import { startTcpProxy } from '../helpers/tcp-proxy';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitFor, waitForImport } from '../helpers/wait';

describe('an export of many customers', () => {
  const ROWS = 12_345;
  const PAGE = 100;
  /** The database would be asked this often for the whole file: for each page, and for the keys of 5,000 customers. */
  const QUESTIONS = Math.ceil(ROWS / PAGE) + Math.ceil(ROWS / 5_000);

  let app: TestApp;
  let client: Client;
  let profiled: Awaited<ReturnType<typeof profile>>;

  beforeAll(async () => {
    const variables = testVariables({ EXPORTS_MAX: '8', MONGODB_TIMEOUT_MS: '1000' });
    profiled = await profile(variables);
    app = await createTestApp({ variables });
    client = app.client();
    // Cells that are large enough to fill the buffers of a connection with a few pages.
    const rows = Array.from({ length: ROWS }, (_, row) => `N,${row}@example.com,${'x'.repeat(900)}\n`);
    await waitForImport(client, await acceptedImport(client, `name,email,note\n${rows.join('')}`));
  }, 60_000);

  afterAll(async () => {
    await app.close();
    await profiled.close();
  });

  /** How often the database was asked for customers so far. */
  const questions = async (): Promise<number> =>
    (await profiled.seen()).filter(
      ({ ns, op, command }) => ns.endsWith('.customers') && (op === 'query' || 'aggregate' in command),
    ).length;
  /** An export of which nothing is read but its head. */
  const begun = async (url = app.url): Promise<IncomingMessage> => {
    const headers = { authorization: `Bearer ${client.token}` };
    const request = get(`${url}/api/customer/export.csv`, { headers, agent: false });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return response;
  };
  /** The same, as soon as the tenant has a place for it. */
  const free = () =>
    waitFor(
      'a place',
      () => begun(),
      ({ statusCode }) => statusCode === 200,
    );
  /** The last number that a count comes to. */
  const settled = async (count: () => Promise<number>): Promise<number> => {
    let before = -1;
    return waitFor(
      'the database to be left alone',
      count,
      (now) => {
        const isSame = now === before;
        before = now;
        return isSame;
      },
      { everyMs: 300 },
    );
  };

  it('has each once', async () => {
    const { body } = await client.get('/api/customer/export.csv?sort=createdAt');

    const lines = String(body).split('\r\n').slice(1, -1);
    expect(lines.map((line) => line.split(',')[4])).toEqual(
      Array.from({ length: ROWS }, (_, row) => `${row}@example.com`),
    );
  });

  it('is read from the database no faster than by its client', async () => {
    const before = await questions();
    const response = await begun();
    const whileNobodyReads = (await settled(questions)) - before;

    let bytes = 0;
    for await (const part of response as AsyncIterable<Buffer>) bytes += part.length;

    expect(whileNobodyReads).toBeLessThan(QUESTIONS * 0.8);
    expect(bytes).toBeGreaterThan(ROWS * 900);
    expect((await settled(questions)) - before).toBe(QUESTIONS);
  });

  it('is one of a few of its tenant, and takes nothing from others', async () => {
    const own = [await begun(), await begun(), await begun()];
    const { status } = await app.client().get('/api/customer/export.csv');

    for (const response of own) response.destroy();

    expect(own.map(({ statusCode }) => statusCode)).toEqual([200, 200, 503]);
    expect(own[2]?.headers['retry-after']).toMatch(/^\d+$/);
    expect(status).toBe(200);
  });

  it('ends when its client leaves', async () => {
    const own = [await free(), await free()];

    for (const response of own) response.destroy();

    const next = await free();
    expect(next.statusCode).toBe(200);
    next.destroy();
  });

  describe('while the database goes away', () => {
    const throughProxy = async () => {
      const proxy = await startTcpProxy(app.variables.MONGODB_URI ?? '');
      const MONGODB_URI = withPort(app.variables.MONGODB_URI, proxy.port);
      const api = await createTestApp({
        role: 'api',
        variables: { ...app.variables, MONGODB_URI, MONGODB_TIMEOUT_MS: '500' },
      });
      return { proxy, api };
    };

    it('is answered 503 before it has begun', async () => {
      const { proxy, api } = await throughProxy();
      proxy.cut();

      const answer = await fetch(`${api.url}/api/customer/export.csv`, {
        headers: { authorization: `Bearer ${client.token}` },
      });

      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
      await api.close();
      await proxy.close();
    });

    it('is cut off, and does not look whole, when it has begun', async () => {
      const { proxy, api } = await throughProxy();
      const response = await begun(api.url);
      proxy.cut();

      await expect(text(response)).rejects.toMatchObject({ code: 'ECONNRESET' });
      expect(response.statusCode).toBe(200);
      expect(response.complete).toBe(false);
      await api.close();
      await proxy.close();
    });
  });
});
