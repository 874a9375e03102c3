import { buildCsv } from '../factories/csv';
import { acceptedImport, existingCustomer, outcomeOf } from '../helpers/customers';
import { DAY_MS, Maintenance } from '../helpers/maintenance';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { newTenant } from '../helpers/tokens';
import { waitForImport } from '../helpers/wait';

const MINUTE_MS = 60_000;
const PURGE = 'PURGE_DELETED_CUSTOMERS';

describe('maintenance', () => {
  let app: TestApp;
  let maintenance: Maintenance;

  beforeAll(async () => {
    app = await createTestApp({ variables: { PURGE_AFTER_DAYS: '20', PURGE_MAX_PER_RUN: '3000' } });
    maintenance = await Maintenance.of(app);
  });

  afterAll(async () => {
    await maintenance.close();
    await app.close();
  });

  beforeEach(() => maintenance.clear());

  const visit = (customerId: string) =>
    app.client({ tenantId: 'acme' }).post(`/api/customer/${customerId}/stats`, {
      spent: 1,
      visits: 1,
      at: '2026-01-31T12:00:00Z',
    });

  describe('the purge', () => {
    it('removes who was deleted longer ago than the limit, and nobody else', async () => {
      const client = app.client();
      const living = await existingCustomer(client);
      const fresh = await existingCustomer(client);
      await outcomeOf(client, await client.delete(`/api/customer/${fresh}`));
      const [younger = ''] = await maintenance.deleted(1, 20 * DAY_MS - MINUTE_MS);
      await maintenance.deleted(1, 20 * DAY_MS + MINUTE_MS);

      const result = await maintenance.run(PURGE);

      expect(result).toEqual({ purged: 1, visits: 0, complete: true });
      expect((await maintenance.ids()).sort()).toEqual([living, fresh, younger].sort());
    });

    it('removes what is left of who was erased, as long after', async () => {
      const client = app.client();
      const [young, old] = [await existingCustomer(client), await existingCustomer(client)];
      for (const id of [young, old])
        await outcomeOf(client, await client.delete(`/api/customer/${id}?erase=true`));
      await maintenance.age(young, 20 * DAY_MS - MINUTE_MS);
      await maintenance.age(old, 20 * DAY_MS + MINUTE_MS);

      const result = await maintenance.run(PURGE);

      expect(result).toEqual({ purged: 1, visits: 0, complete: true });
      expect(await maintenance.ids()).toEqual([young]);
    });

    it('removes the visits of those, and of nobody else', async () => {
      const [old = ''] = await maintenance.deleted(1, 21 * DAY_MS);
      const [younger = ''] = await maintenance.deleted(1, DAY_MS);
      await maintenance.visits(old, 3);
      await maintenance.visits(younger, 2);

      const result = await maintenance.run(PURGE);

      expect(result).toEqual({ purged: 1, visits: 3, complete: true });
      expect(await maintenance.countVisits()).toBe(2);
    });

    it('goes on from batch to batch, and in the next run beyond the bound of one', async () => {
      await maintenance.deleted(3_500, 21 * DAY_MS);

      const results = [await maintenance.run(PURGE), await maintenance.run(PURGE)];

      expect(results).toEqual([
        { purged: 3_000, visits: 0, complete: false },
        { purged: 500, visits: 0, complete: true },
      ]);
      expect(await maintenance.ids()).toEqual([]);
    });

    it('removes each once when it runs twice at once', async () => {
      const other = await createTestApp({ role: 'worker', variables: { ...app.variables, PORT: '0' } });
      await maintenance.deleted(2_500, 21 * DAY_MS);

      const jobIds = await Promise.all(Array.from({ length: 4 }, () => maintenance.start(PURGE)));
      const results = await Promise.all(jobIds.map((jobId) => maintenance.ended(jobId)));
      await other.close();

      const purged = (results as { purged: number }[]).reduce((sum, run) => sum + run.purged, 0);
      expect(purged).toBe(2_500);
      expect(await maintenance.ids()).toEqual([]);
    });

    it('leaves writes that come for the customer refused as before', async () => {
      const client = app.client({ tenantId: 'acme' });
      const customerId = await existingCustomer(client);
      await outcomeOf(client, await client.delete(`/api/customer/${customerId}`));
      await maintenance.age(customerId, 21 * DAY_MS);
      await maintenance.run(PURGE);

      const jobs = [
        await outcomeOf(client, await client.patch(`/api/customer/${customerId}`, { name: 'Late' })),
        await outcomeOf(client, await visit(customerId)),
        await outcomeOf(client, await client.delete(`/api/customer/${customerId}`)),
      ];

      expect(jobs.map(({ error }) => error.reason)).toEqual(Array(3).fill('CUSTOMER_NOT_FOUND'));
      expect(await maintenance.ids()).toEqual([]);
      expect(await maintenance.countVisits()).toBe(0);
    });
  });

  describe('the cleaning of imports', () => {
    const listOf = (tenantId: string) => `${maintenance.prefix}:imports:${tenantId}`;

    it('takes imports that are gone off their lists, and keeps those that are there', async () => {
      const [one, other] = [newTenant(), newTenant()];
      const client = app.client({ tenantId: one });
      const importId = await acceptedImport(client, buildCsv({ rows: 1 }));
      await waitForImport(client, importId);
      const gone = Array.from({ length: 1_200 }, (_, index) => [0, `gone-${index}`]).flat();
      await maintenance.redis.zadd(listOf(one), ...gone);
      await maintenance.redis.zadd(listOf(other), 0, 'gone');

      const result = await maintenance.run('CLEAN_IMPORTS');

      expect(result).toEqual({ lists: 2, listed: 1, removed: 1_201 });
      expect(await maintenance.redis.zrange(listOf(one), '0', '-1')).toEqual([importId]);
      expect(await maintenance.redis.exists(listOf(other))).toBe(0);
    });
  });

  it('has a name that nobody knows as a dead letter', async () => {
    const jobId = await maintenance.start('SWEEP_THE_FLOOR');

    await maintenance.ended(jobId);
    const job = await maintenance.queue.getJob(jobId);

    expect(job).toMatchObject({
      failedReason: 'No handler for job SWEEP_THE_FLOOR',
      attemptsMade: 1,
    });
  });
});
