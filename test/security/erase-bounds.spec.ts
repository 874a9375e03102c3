import { Erasure } from '../../src/customer/erase/erasure';
import { existingCustomer, outcomeOf } from '../helpers/customers';
import { createTestApp } from '../helpers/test-app';
import { waitFor } from '../helpers/wait';

const CUSTOMERS = 12;
const MAX = 2;

/** OWASP API4:2023: each erasure goes through all queues, and a user may ask for as many as there are customers. */
describe('many erasures', () => {
  it('are done a few at once, all in the end, and keep no other job waiting', async () => {
    const api = await createTestApp({ role: 'api' });
    const worker = await createTestApp({
      role: 'worker',
      variables: { ...api.variables, ERASURES_MAX: String(MAX), WORKER_CONCURRENCY: '4' },
    });
    const client = api.client();
    const customers: string[] = [];
    for (let count = 0; count < CUSTOMERS; count++) customers.push(await existingCustomer(client));
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let atOnce = 0;
    let most = 0;
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its object below
    const { removeTraces } = Erasure.prototype;
    jest.spyOn(Erasure.prototype, 'removeTraces').mockImplementation(async function (this: Erasure, person) {
      most = Math.max(most, ++atOnce);
      await held;
      await removeTraces.call(this, person);
      atOnce--;
    });

    const accepted = [];
    for (const id of customers) accepted.push(await client.delete(`/api/customer/${id}?erase=true`));
    const hidden = await Promise.all(
      customers.map((id) =>
        waitFor(
          'the customer to be hidden',
          async () => (await client.get(`/api/customer/${id}`)).status,
          (status) => status === 404,
        ),
      ),
    );
    const between = await existingCustomer(client);
    release();
    const ends = await Promise.all(accepted.map((one) => outcomeOf(client, one)));
    await worker.close();
    await api.close();

    expect(most).toBe(MAX);
    expect(hidden).toEqual(Array(CUSTOMERS).fill(404));
    expect(between).toEqual(expect.any(String));
    expect(ends).toEqual(Array(CUSTOMERS).fill(expect.objectContaining({ status: 'completed' })));
  }, 60_000);
});
