import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { buildCustomer } from '../factories/customer';
import type { Client } from '../helpers/client';
import { Stores } from '../helpers/stores';
import { createTestApp, type TestApp } from '../helpers/test-app';

describe('answers', () => {
  let app: TestApp;
  let client: Client;
  let stores: Stores;

  beforeAll(async () => {
    app = await createTestApp({ role: 'api', variables: { BODY_MAX_BYTES: '2048' } });
    client = app.client();
    stores = await Stores.of(app);
  });

  afterAll(async () => {
    await stores.close();
    await app.close();
  });

  /** Sends a body as it is. */
  const send = (body: string, headers: Record<string, string> = {}, path = '/api/customer') =>
    client.fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });

  describe('of a failure', () => {
    it('are problem details with all members, and one entry for each field that is wrong', async () => {
      const { status, headers, body } = await send('{"name":"","email":"no","age":3}');

      expect(status).toBe(400);
      expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(body).toEqual({
        type: 'about:blank',
        title: 'Bad Request',
        status: 400,
        detail: expect.stringContaining('email: expected an email address'),
        instance: '/api/customer',
        success: false,
        message: body.detail,
        requestId: headers.get('x-request-id'),
        errors: expect.any(Array),
      });
      expect(
        body.errors.toSorted((a: { field: string }, b: { field: string }) => (a.field < b.field ? -1 : 1)),
      ).toEqual([
        { field: 'age', code: 'unknown_field', message: 'there is no such field' },
        { field: 'email', code: 'invalid_email', message: expect.any(String) },
        { field: 'name', code: 'required', message: 'must not be empty' },
      ]);
    });

    it('never repeat the value that was refused', async () => {
      const { body } = await send('{"name":"Ana","email":"secret.person@","phone":"call me"}');

      expect(JSON.stringify(body)).not.toMatch(/secret\.person|call me/);
    });

    it('name the path without its query, which may hold an email', async () => {
      const { body } = await client.get('/api/customer?email=ana@example.com&limit=0');

      expect(body.instance).toBe('/api/customer');
    });

    it.each(['/', '/api', '/api/customers', '/api/customer/a/b', '/nothing?x=1'])(
      'are problem details for a route that is not there: %s',
      async (path) => {
        const { status, headers, body } = await client.get(path);

        expect(status).toBe(404);
        expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
        expect(body).toMatchObject({ title: 'Not Found', status: 404, success: false });
      },
    );

    it('are problem details for a method that the route does not take', async () => {
      const { status, body } = await client.fetch('/api/customer', { method: 'PUT' });

      expect(status).toBe(404);
      expect(body).toMatchObject({ status: 404, success: false, requestId: expect.any(String) });
    });

    it('are problem details for a URL that can not be decoded', async () => {
      const { status, headers, body } = await client.get('/api/customer/%E0%A4%A');

      expect([400, 404]).toContain(status);
      expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(body).toMatchObject({ status, success: false, requestId: expect.any(String) });
    });

    it('come as 400 where the request is no HTTP', async () => {
      const { port, hostname } = new URL(app.url);

      const answer = await new Promise<string>((resolve, reject) => {
        const socket = connect(Number(port), hostname, () => socket.write('NOT HTTP\r\n\r\n'));
        let text = '';
        socket.on('data', (bytes) => (text += bytes.toString()));
        socket.on('close', () => {
          resolve(text);
        });
        socket.on('error', reject);
      });

      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    });
  });

  describe('to a body that is none', () => {
    it.each([
      ['JSON that does not parse', '{"name":'],
      ['an empty body', ''],
      ['a text', 'name=Ana'],
      ['a JSON array', '[{"name":"Ana","email":"ana@example.com"}]'],
      ['an empty JSON array', '[]'],
      ['a JSON string', '"Ana"'],
      ['a JSON number', '7'],
      ['JSON null', 'null'],
      ['JSON true', 'true'],
      ['an own __proto__', '{"name":"Ana","email":"ana@example.com","__proto__":{"roles":["admin"]}}'],
      [
        'an own __proto__ inside of attributes',
        '{"name":"Ana","email":"ana@example.com","attributes":{"__proto__":"x"}}',
      ],
      [
        'a constructor with a prototype',
        '{"name":"Ana","email":"ana@example.com","constructor":{"prototype":{"x":1}}}',
      ],
    ])('are 400 with one entry for the body: %s', async (_, body) => {
      const answer = await send(body);

      expect(answer.status).toBe(400);
      expect(answer.body.errors).toEqual([
        { field: 'body', code: expect.any(String), message: expect.any(String) },
      ]);
    });

    it('are 400 where there is no body at all', async () => {
      const answer = await client.post('/api/customer');

      expect(answer.status).toBe(400);
      expect(answer.body.errors.length).toBeGreaterThan(0);
      for (const error of answer.body.errors) expect(error.field).toEqual(expect.any(String));
    });

    it('take JSON with a charset', async () => {
      const answer = await send(JSON.stringify(buildCustomer()), {
        'content-type': 'application/json; charset=utf-8',
      });

      expect(answer.status).toBe(202);
    });
  });

  describe('to a large body', () => {
    const customerOf = (bytes: number) => {
      const attributes = Object.fromEntries(
        Array.from({ length: 5 }, (_, index) => [`k${index}`, 'x'.repeat(100)]),
      );
      const body = JSON.stringify(buildCustomer({ attributes }));
      return body + ' '.repeat(bytes - body.length);
    };

    it('accept one of just BODY_MAX_BYTES', async () => {
      expect((await send(customerOf(2048))).status).toBe(202);
    });

    it('are 413 for one byte more', async () => {
      const answer = await send(customerOf(2049));

      expect(answer.status).toBe(413);
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(answer.body).toMatchObject({ status: 413, success: false, requestId: expect.any(String) });
    });

    it('are 413 in the middle of one that does not tell its length', async () => {
      const bytes = Buffer.from(customerOf(2049));
      const body = new ReadableStream({
        start: (controller) => {
          controller.enqueue(bytes.subarray(0, 1000));
          controller.enqueue(bytes.subarray(1000));
          controller.close();
        },
      });

      const answer = await client.fetch('/api/customer', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        duplex: 'half',
      });

      expect(answer.status).toBe(413);
    });
  });

  it('to what was refused queue nothing', async () => {
    const before = await stores.uploadKeys();

    await send('{"name":"Ana"}');
    await send('{');
    await send('x'.repeat(3000));

    expect(await stores.uploadKeys()).toEqual(before);
  });

  describe('carry an x-request-id', () => {
    it("that is the caller's own where it is sane", async () => {
      const id = `trace/${randomUUID()};a=1`;

      const { headers, body } = await client.fetch('/api/nothing', { headers: { 'x-request-id': id } });

      expect([headers.get('x-request-id'), body.requestId]).toEqual([id, id]);
    });

    it.each([
      ['is empty', ''],
      ['has a space', 'a b'],
      ['is not ASCII', 'é'],
      ['is too long', 'x'.repeat(129)],
    ])('that is a new one where it %s', async (_, id) => {
      const { headers } = await client.fetch('/api/customer', { headers: { 'x-request-id': id } });

      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    });

    it('on every answer, each with another', async () => {
      const answers = await Promise.all([
        client.get('/api/customer'),
        client.get('/health/live'),
        client.post('/api/customer', buildCustomer()),
      ]);

      expect(new Set(answers.map(({ headers }) => headers.get('x-request-id'))).size).toBe(3);
    });

    it('that goes with the job', async () => {
      const id = randomUUID();

      const { body } = await send(JSON.stringify(buildCustomer()), { 'x-request-id': id });

      const job = await stores.queue.getJob(body.data.jobId);
      expect(job?.data).toMatchObject({ requestId: id });
    });
  });
});
