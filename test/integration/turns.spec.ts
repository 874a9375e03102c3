import { buildCsv, emailOfRow } from '../factories/csv';
import { buildCustomer } from '../factories/customer';
import type { Answer, Client } from '../helpers/client';
import { acceptedImport } from '../helpers/customers';
import { createDeliveries, type Deliveries } from '../helpers/deliveries';
import { Stores } from '../helpers/stores';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { newTenant } from '../helpers/tokens';

const jobOf = ({ body }: Answer): string => body.data.jobId;
const customerOf = ({ body }: Answer): string => body.data.customerId;

/** What a job that must wait asks of the queue; delivered by hand it is not active, so the queue refuses. */
const WAITS = expect.objectContaining({ message: expect.stringContaining('moveToDelayed') });
const refused = (reason: string) => ({ refused: { reason, message: expect.any(String) } });

/** Jobs run in any order, but none before one that would change what it comes to. */
describe('the turn of a job', () => {
  let app: TestApp;
  let deliveries: Deliveries;
  let stores: Stores;
  let client: Client;
  let tenantId: string;

  beforeAll(async () => {
    app = await createTestApp({ role: 'api' });
    deliveries = await createDeliveries(app);
    stores = await Stores.of(app);
  });

  beforeEach(() => {
    tenantId = newTenant();
    client = app.client({ tenantId });
  });

  const create = (overrides = {}) => client.post('/api/customer', buildCustomer(overrides));
  const deliver = async (accepted: Answer) => (await deliveries.deliver(jobOf(accepted)))[0];
  const existing = async (overrides = {}) => {
    const accepted = await create(overrides);
    await deliver(accepted);
    return customerOf(accepted);
  };
  const remove = (id: string) => client.delete(`/api/customer/${id}`);
  const change = (id: string, changes: object) => client.patch(`/api/customer/${id}`, changes);
  const livingWith = async (email: string) =>
    (await client.get(`/api/customer?email=${encodeURIComponent(email)}`)).body.data.items;

  it('comes after the delete that frees the email it claims', async () => {
    const { email } = buildCustomer();
    const first = await existing({ email });
    const [removal, heir] = [await remove(first), await create({ email })];

    const early = await deliver(heir);
    await deliver(removal);
    const due = await deliver(heir);

    expect([early, due]).toEqual([WAITS, { customerId: customerOf(heir) }]);
    expect(await livingWith(email)).toMatchObject([{ id: customerOf(heir) }]);
  });

  it('comes after the change that frees the email it claims', async () => {
    const { email } = buildCustomer();
    const first = await existing({ email });
    const [move, heir] = [await change(first, { email: buildCustomer().email }), await create({ email })];

    const early = await deliver(heir);
    await deliver(move);
    const due = await deliver(heir);

    expect([early, due]).toEqual([WAITS, { customerId: customerOf(heir) }]);
  });

  it.each([
    ['a create', () => create],
    [
      'a change',
      () =>
        async ({ email }: { email: string }) =>
          change(await existing(), { email }),
    ],
  ])('of %s comes after an earlier claim of the same email', async (_, write) => {
    const { email } = buildCustomer();
    const [winner, loser] = [await create({ email }), await write()({ email })];

    const early = await deliver(loser);
    await deliver(winner);
    const due = await deliver(loser);

    expect([early, due]).toEqual([WAITS, refused('EMAIL_TAKEN')]);
    expect(await livingWith(email)).toMatchObject([{ id: customerOf(winner) }]);
  });

  it('does not wait for a claim of the same email by another tenant', async () => {
    const { email } = buildCustomer();
    await app.client().post('/api/customer', buildCustomer({ email }));

    const result = await deliver(await create({ email }));

    expect(result).toEqual({ customerId: expect.any(String) });
  });

  it('does not wait for a claim that is planned for later', async () => {
    const { email } = buildCustomer();
    const runAt = new Date(Date.now() + 3_600_000).toISOString();
    const planned = await client.post(`/api/customer?runAt=${runAt}`, buildCustomer({ email }));
    const now = await create({ email });

    const result = await deliver(now);
    const later = await deliver(planned);

    expect([result, later]).toEqual([{ customerId: customerOf(now) }, refused('EMAIL_TAKEN')]);
  });

  it('does not wait for a job that an operator removed', async () => {
    const { email } = buildCustomer();
    const [gone, next] = [await create({ email }), await create({ email })];
    await stores.queue.remove(jobOf(gone));
    // Until the stamp is old enough, it might be a job that is about to be added.
    await stores.ageStamp(jobOf(gone), 10_000);

    expect(await deliver(next)).toEqual({ customerId: customerOf(next) });
  });

  it('of a change comes after a delete that was accepted before, and then it is refused', async () => {
    const id = await existing();
    const [removal, late] = [await remove(id), await change(id, { name: 'Too late' })];

    const early = await deliver(late);
    await deliver(removal);
    const due = await deliver(late);

    expect([early, due]).toEqual([WAITS, refused('CUSTOMER_NOT_FOUND')]);
  });

  it('lets a change count that was accepted before the delete and is done after it', async () => {
    const id = await existing({ name: 'Before' });
    const [first, removal] = [await change(id, { name: 'Changed' }), await remove(id)];

    await deliver(removal);
    const late = await deliver(first);

    expect(late).toEqual({ customerId: id });
    expect(await stores.customersOf(tenantId)).toMatchObject([
      { name: 'Changed', deletedAt: expect.any(Date) },
    ]);
  });

  it('refuses the second of two deletes, whichever is done first', async () => {
    const id = await existing();
    const [first, second] = [await remove(id), await remove(id)];

    const results = [await deliver(first), await deliver(second), await deliver(first)];

    expect(results).toEqual([{ customerId: id }, refused('CUSTOMER_NOT_FOUND'), { customerId: id }]);
  });

  it('lets a change remove attributes before one that was accepted later adds others', async () => {
    const many = (prefix: string) =>
      Object.fromEntries(Array.from({ length: 30 }, (_, key) => [`${prefix}${key}`, key]));
    const id = await existing({ attributes: many('a') });
    const [removal, addition] = [
      await change(id, { attributes: null }),
      await change(id, { attributes: many('b') }),
    ];

    const early = await deliver(addition);
    await deliver(removal);
    const due = await deliver(addition);

    expect([early, due]).toEqual([WAITS, { customerId: id }]);
  });

  it('gives the twin of a refused job the same answer, whatever changed since', async () => {
    const { email } = buildCustomer();
    const holder = await existing({ email });
    const claim = await create({ email });
    await deliver(claim);
    await deliver(await remove(holder));

    const twin = await deliver(claim);

    expect(twin).toEqual(refused('EMAIL_TAKEN'));
    expect(await livingWith(email)).toEqual([]);
  });

  it('does not come while the create of its customer is a dead letter: it is one too', async () => {
    const accepted = await create();
    const late = await change(customerOf(accepted), { name: 'Late' });
    await stores.kill(jobOf(accepted));

    const dead = await deliver(late);

    expect(dead).toMatchObject({
      name: 'UnrecoverableError',
      message: expect.stringContaining('was not created'),
    });
  });

  describe('of an import', () => {
    it('comes after a delete that was accepted before, of a customer it has a row for', async () => {
      const { email } = buildCustomer();
      const first = await existing({ email });
      const removal = await remove(first);
      const importId = await acceptedImport(client, `name,email\nAgain,${email}\n`);
      const [chunk = ''] = await deliveries.chunksOf(importId);

      const [early] = await deliveries.deliver(chunk);
      await deliver(removal);
      const [due] = await deliveries.deliver(chunk);

      expect([early, due]).toEqual([WAITS, expect.objectContaining({ created: 1 })]);
      expect(await livingWith(email)).toMatchObject([{ name: 'Again' }]);
    });

    it('comes after a create that was accepted before, of a customer it has a row for', async () => {
      const { email } = buildCustomer();
      const accepted = await create({ email, name: 'Created' });
      const importId = await acceptedImport(client, `name,email\nImported,${email}\n`);
      const [chunk = ''] = await deliveries.chunksOf(importId);

      const [early] = await deliveries.deliver(chunk);
      await deliver(accepted);
      const [due] = await deliveries.deliver(chunk);

      expect([early, due]).toEqual([WAITS, expect.objectContaining({ updated: 1 })]);
      expect(await livingWith(email)).toMatchObject([{ id: customerOf(accepted), name: 'Imported' }]);
    });

    it('does not wait for single writes to customers it has no row for', async () => {
      await change(await existing(), { name: 'Still to come' });
      const importId = await acceptedImport(client, buildCsv({ rows: 5 }));
      const [chunk = ''] = await deliveries.chunksOf(importId);

      expect(await deliveries.deliver(chunk)).toMatchObject([{ created: 5 }]);
    });

    it('does not bring back a customer that was deleted after it was accepted', async () => {
      const prefix = newTenant();
      const id = await existing({ email: emailOfRow(prefix, 1) });
      const importId = await acceptedImport(client, buildCsv({ rows: 3, prefix }));
      const [chunk = ''] = await deliveries.chunksOf(importId);
      await deliver(await remove(id));

      const results = await deliveries.deliver(chunk, { times: 2 });

      // The import is over with the first: its twin has nothing to do, and to say.
      expect(results).toMatchObject([{ created: 2, unchanged: 1 }, { created: 0 }]);
      expect(await livingWith(emailOfRow(prefix, 1))).toEqual([]);
      expect(await livingWith(emailOfRow(prefix, 0))).toHaveLength(1);
    });

    it('finds a customer by the email it had when it was accepted', async () => {
      const { email } = buildCustomer();
      const id = await existing({ email, name: 'Before' });
      const importId = await acceptedImport(client, `name,email,plan\nFromFile,${email},gold\n`);
      const [chunk = ''] = await deliveries.chunksOf(importId);
      await deliver(await change(id, { email: buildCustomer().email }));

      const results = await deliveries.deliver(chunk, { times: 2 });

      expect(results).toMatchObject([{ created: 0, updated: 1 }, { updated: 0 }]);
      expect((await client.get('/api/customer')).body.data.items).toMatchObject([
        { id, name: 'FromFile', attributes: { plan: 'gold' } },
      ]);
    });

    it('makes no second customer of one whose email was changed between two deliveries', async () => {
      const { email } = buildCustomer();
      const id = await existing({ email, name: 'Before' });
      const importId = await acceptedImport(client, `name,email\nFromFile,${email}\n`);
      const [chunk = ''] = await deliveries.chunksOf(importId);
      const bytes = await stores.chunkBytes(importId, 0);
      await deliveries.deliver(chunk);
      await deliver(await change(id, { email: buildCustomer().email }));

      await stores.forgetCounts(importId, 0, bytes);
      const [again] = await deliveries.deliver(chunk);

      expect(again).toMatchObject({ created: 0, updated: 1 });
      expect((await client.get('/api/customer')).body.data.items).toMatchObject([{ id, name: 'FromFile' }]);
    });

    it('leaves the customers alone that it created, and that were deleted since', async () => {
      const prefix = newTenant();
      const importId = await acceptedImport(client, buildCsv({ rows: 2, prefix }));
      const [chunk = ''] = await deliveries.chunksOf(importId);
      const bytes = await stores.chunkBytes(importId, 0);
      await deliveries.deliver(chunk);
      const [{ id }] = await livingWith(emailOfRow(prefix, 0));
      await deliver(await remove(id));

      await stores.forgetCounts(importId, 0, bytes);
      const [again] = await deliveries.deliver(chunk);

      expect(again).toMatchObject({ created: 2 });
      expect(await livingWith(emailOfRow(prefix, 0))).toEqual([]);
    });
  });
});
