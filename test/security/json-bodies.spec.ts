import { buildCustomer } from '../factories/customer';
import type { Client } from '../helpers/client';
import { createTestApp, type TestApp } from '../helpers/test-app';

/** JSON that is valid, and meant to harm who reads it. Kinds of bodies: content-types.spec.ts; their limits: answers.spec.ts, body-limits.spec.ts. */
describe('a hostile JSON body', () => {
  let app: TestApp;
  let client: Client;

  beforeAll(async () => {
    app = await createTestApp({ role: 'api' });
    client = app.client();
  });

  afterAll(async () => {
    await app.close();
  });

  it.each(['name', 'tags', 'attributes', 'nothing'])(
    'is refused with %s of lists in lists, ten thousand deep',
    async (field) => {
      const deep = '['.repeat(10_000) + ']'.repeat(10_000);

      const { status, body } = await client.post(
        '/api/customer',
        `{"phone":"112","email":"ana@example.com","${field}":${deep}}`,
      );

      expect(status).toBe(400);
      expect(body.errors).toMatchObject([{ field: 'body', code: 'too_deep' }]);
    },
  );

  it('is refused with objects in objects, ten thousand deep', async () => {
    const deep = '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000);

    const { status } = await client.post('/api/customer', `{"name":"Ana","attributes":${deep}}`);

    expect(status).toBe(400);
  });

  it.each([
    ['a field', '{"name":"Ana","email":"a@example.com","email":"b@example.com"}', 'email'],
    ['a field, spelled in two ways', '{"name":"Ana","email":"a@example.com","n\\u0061me":"Eve"}', 'name'],
    ['a field with the same value', '{"name":"Ana","name":"Ana","email":"a@example.com"}', 'name'],
    ['an attribute', '{"name":"Ana","email":"a@example.com","attributes":{"plan":1,"plan":2}}', 'plan'],
  ])('is refused with %s twice, of which nobody knows which one counts', async (_, json, field) => {
    const { status, body } = await client.post('/api/customer', json);

    expect(status).toBe(400);
    expect(body.errors).toEqual([{ field, code: 'duplicate_key', message: 'is there more than once' }]);
  });

  it('is no customer whose texts look like keys', async () => {
    const { status } = await client.post('/api/customer', {
      ...buildCustomer(),
      address: '","name":"Eve","name":"',
      attributes: { name: '{"name":1,"name":2}' },
    });

    expect(status).toBe(202);
  });

  it.each(['9'.repeat(60_000), `1e${'9'.repeat(50_000)}`])(
    'is refused with a number of tens of thousands of digits',
    async (number) => {
      const { status } = await client.post('/api/customer', `{"name":"Ana","email":${number}}`);

      expect(status).toBe(400);
    },
  );
});
