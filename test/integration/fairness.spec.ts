import { buildCsv } from '../factories/csv';
import { buildCustomer } from '../factories/customer';
import { acceptedImport } from '../helpers/customers';
import { EventWatch } from '../helpers/event-watch';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { newTenant } from '../helpers/tokens';

describe('a large import', () => {
  let api: TestApp;

  beforeAll(async () => {
    api = await createTestApp({ role: 'api' });
  });

  afterAll(async () => {
    await api.close();
  });

  it('lets single writes and the small files of others go before the rest of it', async () => {
    const events = await EventWatch.on(api);
    const client = api.client({ tenantId: newTenant() });
    const large = await acceptedImport(client, buildCsv({ rows: 3_500 }));
    const small = await acceptedImport(api.client({ tenantId: newTenant() }), buildCsv({ rows: 500 }));
    const { body } = await client.post('/api/customer', buildCustomer());
    const single: string = body.data.jobId;

    const one = { ...api.variables, WORKER_CONCURRENCY: '1' };
    const worker = await createTestApp({ role: 'worker', variables: one });
    await events.until(large, 'customer.import.completed');
    await worker.close();
    await events.close();

    const steps = events
      .types('customer.created', 'customer.import.progress')
      .map(({ data }) => data.jobId)
      .filter((id) => [large, small, single].includes(id));
    expect(steps).toEqual([single, large, small, large, large, large]);
  });
});
