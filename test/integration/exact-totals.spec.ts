import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { Environment } from '../../src/config/environment';
import { newId } from '../../src/customer/customer-id';
import { CUSTOMER_QUEUE } from '../../src/customer/jobs/customer.jobs';
import { CustomerQueue } from '../../src/customer/jobs/customer.queue';
import { AcceptanceOrder } from '../../src/queue/acceptance-order';
import { closing } from '../helpers/closing';
import { existingCustomer, readCustomer } from '../helpers/customers';
import { createDeliveries } from '../helpers/deliveries';
import { createTestApp } from '../helpers/test-app';
import { newTenant } from '../helpers/tokens';
import { waitFor } from '../helpers/wait';

const VISITS = 10_000;
const TIMEOUT_MS = 180_000;

describe('10,000 visits of 0.10 to one customer', () => {
  it(
    'are exactly 1000.00, though events are repeated, jobs delivered twice and two workers count',
    async () => {
      const tenantId = newTenant();
      const api = await createTestApp({ role: 'api' });
      const workers = [
        await createTestApp({ role: 'worker', variables: api.variables }),
        await createTestApp({ role: 'worker', variables: api.variables }),
      ];
      const deliveries = await createDeliveries(api);
      const client = api.client({ tenantId });
      const customerId = await existingCustomer(client);
      const environment = Environment.read(api.variables);
      const redis = new Redis(environment.redis.url);
      await redis.ping();
      const queue = new Queue(CUSTOMER_QUEUE, { connection: redis, prefix: environment.redis.prefix });
      const close = closing(async () => {
        await queue.close();
        redis.disconnect();
      });
      const writes = new CustomerQueue(queue, new AcceptanceOrder(redis, environment), redis, environment);
      const visit = async (eventId: string) => {
        const origin = { tenantId, userId: 'u', requestId: 'r', acceptedAt: Date.now() };
        const payload = {
          ...origin,
          customerId,
          spentCents: 10,
          visits: 1,
          at: '2026-01-31T12:00:00.000Z',
          eventId,
        };
        const jobId = newId();
        await writes.enqueue('UPDATE_CUSTOMER_STATS', payload, jobId, { priority: 'normal', delayMs: 0 });
        return jobId;
      };

      for (let first = 0; first < VISITS; first += 500) {
        const events = Array.from({ length: 500 }, (_, index) => first + index);
        const jobIds = await Promise.all(
          events.flatMap((event) =>
            event % 10 === 0 ? [visit(`e${event}`), visit(`e${event}`)] : [visit(`e${event}`)],
          ),
        );
        await Promise.all(jobIds.slice(0, 25).map((jobId) => deliveries.deliver(jobId)));
      }
      const ended = await waitFor(
        'all jobs to end',
        () => queue.getJobCounts('completed', 'failed', 'waiting', 'active', 'delayed'),
        ({ waiting, active, delayed }) => waiting === 0 && active === 0 && delayed === 0,
        { timeoutMs: TIMEOUT_MS, everyMs: 100 },
      );
      const { stats } = await readCustomer(client, customerId);

      expect(ended).toMatchObject({ completed: 1 + VISITS + VISITS / 10, failed: 0 });
      expect(stats).toMatchObject({ totalSpend: '1000.00', visits: VISITS });
      for (const worker of workers) await worker.close();
      await close();
      await deliveries.close();
      await api.close();
    },
    TIMEOUT_MS,
  );
});
