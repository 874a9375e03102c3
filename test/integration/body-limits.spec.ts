import { buildCustomer } from '../factories/customer';
import type { Client } from '../helpers/client';
import { createTestApp, type TestApp } from '../helpers/test-app';

const x = (length: number): string => 'x'.repeat(length);
const keys = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`key ${index}`, index]));
const tags = (count: number) => Array.from({ length: count }, (_, index) => `tag ${index}`);
/** An address of that many characters, each part within its own limit. */
const email = (length: number) => `${x(64)}@${x(60)}.${x(60)}.${x(60)}.${x(length - 64 - 1 - 183 - 3)}.io`;

/** Every field of the bodies that create and change customers, at its limits and just beyond. */
describe('limits of a body', () => {
  let app: TestApp;
  let client: Client;

  beforeAll(async () => {
    app = await createTestApp({ role: 'api' });
    client = app.client();
  });

  afterAll(async () => {
    await app.close();
  });

  const create = (fields: object) => client.post('/api/customer', { ...buildCustomer(), ...fields });
  const change = (fields: object) =>
    client.patch('/api/customer/00000000-0000-7000-8000-000000000000', fields);

  it.each<[string, object]>([
    ['a name of one character', { name: 'x' }],
    ['a name of 200 characters', { name: x(200) }],
    ['a name of 200 emoji', { name: '😀'.repeat(200) }],
    ['a name with a tab and a line end', { name: 'Ana\tSouza\nJr' }],
    ['an email of 254 characters', { email: email(254) }],
    ['an email with a plus', { email: 'ana+crm@example.com' }],
    ['a phone of 3 characters', { phone: '112' }],
    ['a phone of 40 characters', { phone: '1'.repeat(40) }],
    ['an address of 500 characters', { address: x(500) }],
    ['no tags', { tags: [] }],
    ['50 tags', { tags: tags(50) }],
    ['a tag of 50 characters', { tags: [x(50)] }],
    ['no attributes', { attributes: {} }],
    ['50 attributes', { attributes: keys(50) }],
    ['an attribute key of 64 characters', { attributes: { [x(64)]: 1 } }],
    ['an attribute of 1,000 characters', { attributes: { note: x(1000) } }],
    ['an empty attribute', { attributes: { note: '' } }],
    ['attributes of all three kinds', { attributes: { a: 'x', b: -1.5, c: false } }],
    ['a key with a dollar within', { attributes: { 'price $': 1 } }],
  ])('take %s', async (_, fields) => {
    const answers = [await create(fields), await change(fields)];

    expect(answers.map(({ status, body }) => [status, body.errors])).toEqual([
      [202, undefined],
      [202, undefined],
    ]);
  });

  it.each<[string, object, string, string]>([
    ['an empty name', { name: '' }, 'name', 'required'],
    ['a name of spaces', { name: '   ' }, 'name', 'required'],
    ['a name of 201 characters', { name: x(201) }, 'name', 'too_long'],
    ['a name that is a number', { name: 7 }, 'name', 'is_string'],
    ['a name that is an object', { name: { $gt: '' } }, 'name', 'is_string'],
    ['a name with a NUL', { name: 'Ana\u0000' }, 'name', 'matches'],
    ['a name with an escape', { name: 'Ana\u001b[31m' }, 'name', 'matches'],
    ['a name that is null', { name: null }, 'name', 'is_string'],
    ['an empty email', { email: '' }, 'email', 'required'],
    ['an email of 255 characters', { email: email(255) }, 'email', 'too_long'],
    ['an email without an @', { email: 'ana.example.com' }, 'email', 'invalid_email'],
    ['two emails', { email: 'a@example.com,b@example.com' }, 'email', 'invalid_email'],
    ['an email that is an object', { email: { $ne: '' } }, 'email', 'is_string'],
    ['a phone of 2 characters', { phone: '11' }, 'phone', 'matches'],
    ['a phone of 41 characters', { phone: '1'.repeat(41) }, 'phone', 'matches'],
    ['a phone with letters', { phone: '555-CALL' }, 'phone', 'matches'],
    ['a phone that is a number', { phone: 5550100 }, 'phone', 'is_string'],
    ['an empty address', { address: '' }, 'address', 'required'],
    ['an address of 501 characters', { address: x(501) }, 'address', 'too_long'],
    ['tags that are a text', { tags: 'vip' }, 'tags', 'is_array'],
    ['51 tags', { tags: tags(51) }, 'tags', 'too_many'],
    ['a tag of 51 characters', { tags: [x(51)] }, 'tags', 'too_long'],
    ['an empty tag', { tags: ['vip', ''] }, 'tags', 'required'],
    ['a tag that is a number', { tags: ['vip', 7] }, 'tags', 'is_string'],
    ['a tag that is a list', { tags: [['vip']] }, 'tags', 'is_string'],
    ['attributes that are a list', { attributes: ['a'] }, 'attributes', 'attributes'],
    ['attributes that are a text', { attributes: 'a' }, 'attributes', 'attributes'],
    ['51 attributes', { attributes: keys(51) }, 'attributes', 'attributes'],
    ['an attribute key of 65 characters', { attributes: { [x(65)]: 1 } }, 'attributes', 'attributes'],
    ['an empty attribute key', { attributes: { '': 1 } }, 'attributes', 'attributes'],
    ['an attribute of 1,001 characters', { attributes: { note: x(1001) } }, 'attributes', 'attributes'],
    ['an attribute with a NUL', { attributes: { note: '\u0000' } }, 'attributes', 'attributes'],
    ['an object in attributes', { attributes: { a: { b: 1 } } }, 'attributes', 'attributes'],
    ['a list in attributes', { attributes: { a: [1] } }, 'attributes', 'attributes'],
    ['a key with a leading dollar', { attributes: { $set: 1 } }, 'attributes', 'attributes'],
    ['a key with a dot', { attributes: { 'a.b': 1 } }, 'attributes', 'attributes'],
    ['the key constructor', { attributes: { constructor: 'x' } }, 'attributes', 'reserved_key'],
    ['the key prototype', { attributes: { prototype: 'x' } }, 'attributes', 'reserved_key'],
    [
      'the key constructor, one level down',
      { attributes: { a: { constructor: 'x' } } },
      'attributes',
      'attributes',
    ],
    ['an object in tags', { tags: [{ constructor: 'x' }] }, 'tags', 'is_string'],
    ['an unknown field', { age: 30 }, 'age', 'unknown_field'],
    ['the field constructor', { constructor: 'x' }, 'constructor', 'unknown_field'],
    ['the field _id', { _id: 'x' }, '_id', 'unknown_field'],
    ['the field tenantId', { tenantId: 'other' }, 'tenantId', 'unknown_field'],
    ['the field stats', { stats: { visits: 1 } }, 'stats', 'unknown_field'],
  ])('refuse %s, and say where', async (_, fields, field, code) => {
    const answers = [await create(fields), await change(fields)];

    for (const { status, body } of answers) {
      expect(status).toBe(400);
      expect(body.errors).toEqual([{ field, code, message: expect.any(String) }]);
    }
  });

  it.each(['name', 'email'])('refuse a create without %s', async (field) => {
    const { status, body } = await create({ [field]: undefined });

    expect(status).toBe(400);
    expect(body.errors).toMatchObject([{ field }]);
  });

  it.each(['phone', 'address', 'tags', 'attributes'])('refuse a create with %s null', async (field) => {
    const { status, body } = await create({ [field]: null });

    expect(status).toBe(400);
    expect(body.errors).toMatchObject([{ field }]);
  });

  it('refuse an attribute that is null in a create, where there is nothing to remove', async () => {
    expect((await create({ attributes: { plan: null } })).status).toBe(400);
  });

  it('refuse a change of nothing', async () => {
    const { status, body } = await change({});

    expect(status).toBe(400);
    expect(body.errors).toMatchObject([{ field: 'body', code: 'required' }]);
  });

  it.each<[string, object, string]>([
    ['an empty eventId', { eventId: '' }, 'eventId'],
    ['an eventId of 256 characters', { eventId: x(256) }, 'eventId'],
    ['an eventId with a space', { eventId: 'order 1' }, 'eventId'],
    ['an eventId that is a number', { eventId: 7 }, 'eventId'],
    ['an unknown field', { currency: 'EUR' }, 'currency'],
  ])('refuse a visit with %s', async (_, fields, field) => {
    const visit = { spent: 1, visits: 1, at: '2026-01-31T12:00:00Z', ...fields };

    const { status, body } = await client.post(
      '/api/customer/00000000-0000-7000-8000-000000000000/stats',
      visit,
    );

    expect(status).toBe(400);
    expect(body.errors).toMatchObject([{ field }]);
  });

  it.each(['POST', 'PATCH', 'DELETE'])('refuse an unknown query parameter of a %s', async (method) => {
    const path = method === 'POST' ? '' : '/00000000-0000-7000-8000-000000000000';

    const { status, body } = await client.fetch(`/api/customer${path}?force=true`, {
      method,
      ...(method !== 'DELETE' && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(buildCustomer()),
      }),
    });

    expect(status).toBe(400);
    expect(body.errors).toMatchObject([{ field: 'force', code: 'unknown_field' }]);
  });
});
