import { buildCsv } from '../factories/csv';
import { acceptedImport, existingCustomer, outcomeOf } from '../helpers/customers';
import { startOwnReplicaSet } from '../helpers/own-replica-set';
import { Stores } from '../helpers/stores';
import { createTestApp } from '../helpers/test-app';
import { waitFor, waitForImport } from '../helpers/wait';

const ROWS = 20_000;
const TENANT = 'failing-over';
const PATIENT = { timeoutMs: 60_000 };
const visit = { spent: '1.00', visits: 1, at: '2026-01-31T12:00:00Z' };

describe('a replica set whose primary is killed in the middle of an import', () => {
  it('loses nothing, and has nothing twice', async () => {
    const mongo = await startOwnReplicaSet();
    const MONGODB_URI = mongo.url.replace('/?', `/failover?`);
    const app = await createTestApp({ variables: { MONGODB_URI } });
    const stores = await Stores.of(app);
    const client = app.client({ tenantId: TENANT });
    const visited = await existingCustomer(client);

    const importId = await acceptedImport(client, buildCsv({ rows: ROWS }));
    const visits = Array.from({ length: 20 }, () => client.post(`/api/customer/${visited}/stats`, visit));
    const begun = await waitFor(
      'the import to be under way',
      async () =>
        (await client.get(`/api/customer/imports/${importId}`)).body.data.counts.processed as number,
      (processed) => processed > 0,
    );
    const killed = await mongo.killPrimary();
    const next = await mongo.primary();
    const ended = await waitForImport(client, importId, PATIENT);
    for (const accepted of await Promise.all(visits)) await outcomeOf(client, accepted);
    const stored = await stores.customersOf(TENANT);
    const { stats } = stored.find(({ _id }) => _id === visited) ?? {};
    await app.close();
    await stores.close();

    expect(begun).toBeLessThan(ROWS);
    expect(next).not.toBe(killed);
    expect(ended).toMatchObject({ status: 'completed', counts: { rows: ROWS, created: ROWS, rejected: 0 } });
    expect(new Set(stored.map(({ email }) => email)).size).toBe(ROWS + 1);
    expect(stored).toHaveLength(ROWS + 1);
    expect(stats).toMatchObject({ visits: 20, spendCents: 2_000 });
  }, 180_000);
});
