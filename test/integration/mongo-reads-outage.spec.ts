import { mongo } from 'mongoose';
import { buildCustomer } from '../factories/customer';
import { existingCustomer } from '../helpers/customers';
import { timed, withPort } from '../helpers/outage';
import { startTcpProxy } from '../helpers/tcp-proxy';
import { createTestApp } from '../helpers/test-app';
import { waitFor } from '../helpers/wait';

const MONGODB_TIMEOUT_MS = 500;

describe('a MongoDB that goes away and comes back', () => {
  it.each(['cut', 'freeze'] as const)('makes reads 503 in time, and writes none: %s', async (how) => {
    const worker = await createTestApp({ role: 'worker' });
    const proxy = await startTcpProxy(process.env.TEST_MONGODB_URI ?? '');
    const variables = {
      ...worker.variables,
      MONGODB_URI: withPort(worker.variables.MONGODB_URI, proxy.port),
      MONGODB_TIMEOUT_MS: String(MONGODB_TIMEOUT_MS),
    };
    const api = await createTestApp({ role: 'api', variables });
    const client = api.client();
    const id = await existingCustomer(client);
    const read = () => timed(() => client.get(`/api/customer/${id}`));

    proxy[how]();
    const reads = await Promise.all(Array.from({ length: 20 }, read));
    const later = await read();
    const written = await client.post('/api/customer', buildCustomer());
    proxy.restore();
    const backAt = performance.now();
    await waitFor('reads to work', read, ({ status }) => status === 200);
    const took = performance.now() - backAt;
    await api.close();
    await worker.close();
    await proxy.close();

    expect(new Set([...reads, later].map(({ status }) => status))).toEqual(new Set([503]));
    expect(Math.max(...reads.map(({ durationMs }) => durationMs))).toBeLessThan(3 * MONGODB_TIMEOUT_MS);
    expect(written.status).toBe(202);
    expect(took).toBeLessThan(5_000);
  });

  it('is told to have each write in the journals of most of its members', async () => {
    const open = jest.spyOn(mongo.MongoClient.prototype, 'connect');
    const api = await createTestApp({ role: 'api' });
    const [client] = open.mock.contexts as mongo.MongoClient[];
    open.mockRestore();
    await api.close();

    expect(client?.options.writeConcern).toMatchObject({ w: 'majority', journal: true });
  });
});
