import { randomUUID } from 'node:crypto';
import { buildCustomer } from '../factories/customer';
import type { Client } from '../helpers/client';
import { existingCustomer, outcomeOf, readCustomer } from '../helpers/customers';
import { KeyStore, untilAccepted, withKey } from '../helpers/keyed-writes';
import { NOBODY } from '../helpers/outage';
import { Stores } from '../helpers/stores';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { newTenant } from '../helpers/tokens';

const HOUR_MS = 3_600_000;
const create = (body: unknown = buildCustomer()) => ['POST', '/api/customer', body] as const;
const visit = { spent: 2.5, visits: 1, at: '2026-01-31T12:00:00Z' };

describe('Idempotency-Key', () => {
  let app: TestApp;
  let stores: Stores;
  let kept: KeyStore;
  let tenantId: string;
  let client: Client;
  let key: string;

  beforeAll(async () => {
    app = await createTestApp();
    stores = await Stores.of(app);
    kept = KeyStore.of(app);
  });

  beforeEach(() => {
    tenantId = newTenant();
    client = app.client({ tenantId, roles: ['operator'] });
    key = randomUUID();
  });

  afterAll(async () => {
    await kept.close();
    await stores.close();
    await app.close();
  });

  const emailsOf = async (tenant: string) =>
    (await stores.customersOf(tenant)).map(({ email }) => email).sort();

  it('gets the first answer again, and does nothing', async () => {
    const write = create();

    const first = await withKey(client, key, write);
    const again = await withKey(client, key, write);
    await outcomeOf(client, first);
    const late = await withKey(client, key, write);

    expect(first.status).toBe(202);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    for (const repeat of [again, late]) {
      expect(repeat.status).toBe(202);
      expect(repeat.body).toEqual(first.body);
      expect(repeat.headers.get('location')).toBe(first.headers.get('location'));
      expect(repeat.headers.get('idempotency-replayed')).toBe('true');
    }
    expect(await stores.customersOf(tenantId)).toHaveLength(1);
  });

  it('does not care for the order of fields or of the query', async () => {
    const { name, email } = buildCustomer();
    const at = '?priority=low&runAt=2026-01-01T00:00:00Z';
    const turned = '?runAt=2026-01-01T00:00:00Z&priority=low';

    const first = await withKey(client, key, ['POST', `/api/customer${at}`, { name, email }]);
    const again = await withKey(client, key, ['POST', `/api/customer${turned}`, { email, name }]);

    expect(first.status).toBe(202);
    expect(again.body).toEqual(first.body);
  });

  it('lets one of many requests at once do the work', async () => {
    const write = create();

    const answers = await Promise.all(Array.from({ length: 20 }, () => withKey(client, key, write)));

    const accepted = answers.filter(({ status }) => status === 202);
    const busy = answers.filter(({ status }) => status === 409);
    const firsts = accepted.filter(({ headers }) => !headers.has('idempotency-replayed'));
    expect(accepted.length + busy.length).toBe(20);
    expect(firsts).toHaveLength(1);
    expect(new Set(accepted.map(({ body }) => body.data.jobId)).size).toBe(1);
    for (const { headers } of busy) expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    await outcomeOf(client, firsts[0] ?? { status: 0, headers: new Headers(), body: undefined });
    expect(await stores.customersOf(tenantId)).toHaveLength(1);
  });

  it('is not for another body: 422, and that body is not done', async () => {
    const customer = buildCustomer();
    const first = await withKey(client, key, create(customer));

    const other = await withKey(client, key, create(buildCustomer()));
    await outcomeOf(client, first);

    expect(other.status).toBe(422);
    expect(other.body).toMatchObject({ title: 'Unprocessable Entity', status: 422, success: false });
    expect(await emailsOf(tenantId)).toEqual([customer.email]);
  });

  it.each<[string, readonly [string, string, unknown?]]>([
    ['path', ['POST', `/api/customer/${NOBODY}/stats`, visit]],
    ['method', ['DELETE', `/api/customer/${NOBODY}`]],
    ['query', ['PATCH', `/api/customer/${NOBODY}?priority=low`, { name: 'X' }]],
  ])('is not for another %s: 422', async (_, other) => {
    const first = await withKey(client, key, ['PATCH', `/api/customer/${NOBODY}`, { name: 'X' }]);

    const { status } = await withKey(client, key, other);

    expect([first.status, status]).toEqual([202, 422]);
  });

  it('is a tenant’s own', async () => {
    const otherTenant = newTenant();
    const customer = buildCustomer();

    const own = await withKey(client, key, create(customer));
    const others = await withKey(app.client({ tenantId: otherTenant }), key, create(customer));

    expect(others.status).toBe(202);
    expect(others.headers.get('idempotency-replayed')).toBeNull();
    expect(others.body.data.jobId).not.toBe(own.body.data.jobId);
  });

  it('is kept for 24 hours', async () => {
    await withKey(client, key, create());

    const ttlMs = await kept.ttlMs(tenantId, key);

    expect(ttlMs).toBeGreaterThan(24 * HOUR_MS - 60_000);
    expect(ttlMs).toBeLessThanOrEqual(24 * HOUR_MS);
    expect(await kept.claimedMs(tenantId, key)).toBeLessThan(0);
  });

  it.each([
    ['is empty', ''],
    ['has a space', 'a b'],
    ['has an accent', 'clé'],
    ['has 256 characters', 'x'.repeat(256)],
    ['comes twice', 'one, two'],
  ])('is refused with 400 when it %s', async (_, malformed) => {
    const { status, body } = await withKey(client, malformed, create());

    expect(status).toBe(400);
    expect(body.errors).toEqual([
      { field: 'Idempotency-Key', code: 'invalid', message: expect.stringContaining('255') },
    ]);
  });

  it('may be any visible ASCII, up to 255 characters', async () => {
    const { status } = await withKey(client, `!"#{}~${key}`.padEnd(255, '*'), create());

    expect(status).toBe(202);
  });

  it('is free again after a request that was refused', async () => {
    const wrong = await withKey(client, key, create({ name: 'Ana' }));
    const empty = await withKey(client, key, ['PATCH', `/api/customer/${NOBODY}`, {}]);

    const right = await withKey(client, key, create());

    expect([wrong.status, empty.status, right.status]).toEqual([400, 400, 202]);
  });

  it('works for changes, visits, deletes and test jobs', async () => {
    const id = await existingCustomer(client);
    const writes = [
      ['PATCH', `/api/customer/${id}`, { name: 'Bo' }],
      ['POST', `/api/customer/${id}/stats`, visit],
      ['POST', '/api/queue/test/job'],
    ] as const;

    for (const [index, write] of writes.entries()) {
      const first = await withKey(client, `${key}-${index}`, write);
      await outcomeOf(client, first);
      const again = await withKey(client, `${key}-${index}`, write);
      expect([write[1], again.status, again.body]).toEqual([write[1], 202, first.body]);
    }
    expect(await readCustomer(client, id)).toMatchObject({
      name: 'Bo',
      stats: { totalSpend: '2.50', visits: 1 },
    });

    const removal = ['DELETE', `/api/customer/${id}`] as const;
    const removed = await withKey(client, key, removal);
    expect((await outcomeOf(client, removed)).status).toBe('completed');
    expect((await withKey(client, key, removal)).body).toEqual(removed.body);
  });

  it('of a request that died is taken over when its claim ends, with the same ids', async () => {
    const write = create();
    const first = await withKey(client, key, write);
    await outcomeOf(client, first);
    await kept.forgetAnswer(tenantId, key);
    await kept.claim(tenantId, key, 1_500);

    const busy = await withKey(client, key, write);
    const taken = await untilAccepted(() => withKey(client, key, write));

    expect([busy.status, busy.headers.get('retry-after')]).toEqual([409, '2']);
    expect(taken.headers.get('idempotency-replayed')).toBeNull();
    expect(taken.body).toEqual(first.body);
    expect(await stores.customersOf(tenantId)).toHaveLength(1);
  });

  it('of a request that died is not for another body either', async () => {
    await withKey(client, key, create());
    await kept.forgetAnswer(tenantId, key);

    const other = await withKey(client, key, create());

    expect(other.status).toBe(422);
  });
});
