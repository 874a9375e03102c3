import { createDeliveries } from '../helpers/deliveries';
import { existingCustomer, readCustomer } from '../helpers/customers';
import { createTestApp } from '../helpers/test-app';
import { waitFor } from '../helpers/wait';

const VISITS = 10_000;
const SENDERS = 32;
const TIMEOUT_MS = 300_000;

describe('10,000 visits of 0.10 to one customer', () => {
  it(
    'are exactly 1000.00, though events are repeated, jobs delivered twice and two workers count',
    async () => {
      const api = await createTestApp({ role: 'api' });
      const client = api.client({ roles: ['operator'] });
      for (let worker = 0; worker < 2; worker++)
        await createTestApp({ role: 'worker', variables: { ...api.variables, WORKER_CONCURRENCY: '50' } });
      const deliveries = await createDeliveries(api);
      const customerId = await existingCustomer(client);
      let next = 0;
      const sender = async () => {
        for (let event = next++; event < VISITS; event = next++) {
          const visit = { spent: '0.10', visits: 1, at: '2026-01-31T12:00:00Z', eventId: `e${event}` };
          const { body } = await client.post(`/api/customer/${customerId}/stats`, visit);
          if (event % 10 === 0) await client.post(`/api/customer/${customerId}/stats`, visit);
          if (event % 20 === 0) await deliveries.deliver(body.data.jobId);
        }
      };

      await Promise.all(Array.from({ length: SENDERS }, sender));
      const ended = await waitFor(
        'all jobs to end',
        async () => (await client.get('/api/queue/stats')).body.data['customer.jobs'],
        ({ completed, total }) => completed === total,
        { timeoutMs: TIMEOUT_MS },
      );

      expect(ended).toMatchObject({ completed: 1 + VISITS + VISITS / 10, failed: 0 });
      expect((await readCustomer(client, customerId)).stats).toMatchObject({
        totalSpend: '1000.00',
        visits: VISITS,
      });
    },
    TIMEOUT_MS,
  );
});
