import { buildCustomer } from '../factories/customer';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitForJob } from '../helpers/wait';

describe('customer writes', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await createTestApp();
  });

  afterAll(async () => {
    await app.close();
  });

  it('accepts a customer with 202, and a worker persists it', async () => {
    const client = app.client();
    const customer = buildCustomer({ tags: ['vip'], attributes: { plan: 'gold', seats: 12, active: true } });

    const accepted = await client.post('/api/customer', customer);
    const job = await waitForJob(client, accepted.body.data.jobId);
    const read = await client.get(`/api/customer/${accepted.body.data.customerId}`);

    expect(accepted.status).toBe(202);
    expect(accepted.headers.get('location')).toBe(`/api/jobs/${accepted.body.data.jobId}`);
    expect(job).toMatchObject({ type: 'CREATE_CUSTOMER', status: 'completed', attempts: 1, error: null });
    expect(read.body.data).toMatchObject(customer);
  });
});
