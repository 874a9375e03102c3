import { buildCustomer } from '../factories/customer';
import { buildCsv } from '../factories/csv';
import type { Client } from '../helpers/client';
import { acceptedImport, existingCustomer, outcomeOf, readCustomer } from '../helpers/customers';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { newTenant } from '../helpers/tokens';
import { waitForImport } from '../helpers/wait';

describe('tenancy', () => {
  let app: TestApp;
  let owner: Client;
  let stranger: Client;
  let customerId: string;
  let importId: string;

  beforeAll(async () => {
    app = await createTestApp();
    owner = app.client();
    stranger = app.client();
    const accepted = await owner.post('/api/customer', buildCustomer({ name: 'Mine', tags: ['vip'] }));
    ({ customerId } = accepted.body.data);
    await outcomeOf(owner, accepted);
    importId = await acceptedImport(owner, buildCsv({ rows: 3 }));
    await waitForImport(owner, importId);
  });

  afterAll(async () => {
    await app.close();
  });

  it('counts no visit of a stranger, also under an event id that the owner used', async () => {
    const visit = { spent: '1.00', visits: 1, at: '2026-01-31T12:00:00Z', eventId: 'till-7' };
    await outcomeOf(owner, await owner.post(`/api/customer/${customerId}/stats`, visit));

    const job = await outcomeOf(stranger, await stranger.post(`/api/customer/${customerId}/stats`, visit));

    expect(job).toMatchObject({ status: 'failed', error: { reason: 'CUSTOMER_NOT_FOUND' } });
  });

  it('lists customers of the own tenant only, whatever the filter', async () => {
    const { email } = await readCustomer(owner, customerId);

    for (const query of ['', '?search=mine', `?email=${email}`, '?tag=vip']) {
      const found = await owner.get(`/api/customer${query}`);
      const foreign = await stranger.get(`/api/customer${query}`);

      expect(found.body.data.items.length).toBeGreaterThan(0);
      expect(foreign.body.data).toEqual({ items: [], nextCursor: null });
    }
  });

  it("gives nothing of another tenant for that tenant's cursor", async () => {
    const { body } = await owner.get('/api/customer?limit=1');

    const foreign = await stranger.get(`/api/customer?limit=1&cursor=${body.data.nextCursor}`);

    expect(foreign.body.data).toEqual({ items: [], nextCursor: null });
  });

  it('lists imports of the own tenant only', async () => {
    const own = await owner.get('/api/customer/imports');
    const foreign = await stranger.get('/api/customer/imports');

    expect(own.body.data.items).toMatchObject([{ importId }]);
    expect(foreign.body.data).toEqual({ items: [], nextCursor: null });
  });

  it('lets each tenant have a customer with the same email', async () => {
    const { email } = await readCustomer(owner, customerId);

    const id = await existingCustomer(stranger, { email, name: 'Theirs' });

    expect((await readCustomer(stranger, id)).name).toBe('Theirs');
    expect((await readCustomer(owner, customerId)).name).toBe('Mine');
  });

  it("does not touch another tenant's customer with the email of an imported row", async () => {
    const tenantId = newTenant();
    const third = app.client({ tenantId });
    const { email } = await readCustomer(owner, customerId);

    const ended = await waitForImport(third, await acceptedImport(third, `name,email\nTheirs,${email}\n`));

    expect(ended.counts).toMatchObject({ created: 1, updated: 0 });
    expect((await readCustomer(owner, customerId)).name).toBe('Mine');
  });

  it('shows the data to every user of the tenant', async () => {
    const tenantId = newTenant();
    const id = await existingCustomer(app.client({ tenantId, sub: 'one' }));

    const read = await app.client({ tenantId, sub: 'two' }).get(`/api/customer/${id}`);

    expect(read.status).toBe(200);
  });

  describe('an id that is none', () => {
    const BAD_IDS = ['1', 'undefined', '..%2f..', '%24ne', '%00', 'x'.repeat(300), '0'.repeat(36)];

    it.each(BAD_IDS)('is not found: %s', async (id) => {
      const paths = ['/api/customer/', '/api/jobs/', '/api/customer/imports/'];

      const answers = await Promise.all(paths.map((path) => owner.get(`${path}${id}`)));

      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
      for (const { headers, body } of answers) {
        expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
        expect(body).toMatchObject({ status: 404, success: false });
      }
    });

    it('queues no work', async () => {
      const changed = await owner.patch('/api/customer/1', { name: 'X' });
      const removed = await owner.delete('/api/customer/1');
      const visited = await owner.post('/api/customer/1/stats', { spent: 1, visits: 1, at: '2026-01-31' });

      expect([changed, removed, visited].map(({ status }) => status)).toEqual([404, 404, 404]);
    });

    it('is found in capitals too', async () => {
      expect((await owner.get(`/api/customer/${customerId.toUpperCase()}`)).status).toBe(200);
    });
  });
});
