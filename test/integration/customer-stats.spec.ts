import { existingCustomer, outcomeOf, readCustomer } from '../helpers/customers';
import type { Client } from '../helpers/client';
import { createTestApp, type TestApp } from '../helpers/test-app';

const AT = '2026-01-31T12:00:00.000Z';

describe('POST /api/customer/:id/stats', () => {
  let app: TestApp;
  let client: Client;
  let customerId: string;

  beforeAll(async () => {
    app = await createTestApp();
    client = app.client();
  });

  beforeEach(async () => {
    customerId = await existingCustomer(client);
  });

  afterAll(async () => {
    await app.close();
  });

  const visit = (body: object) =>
    client.post(`/api/customer/${customerId}/stats`, { spent: 0, visits: 1, at: AT, ...body });
  const visits = async (bodies: object[]) => {
    const accepted = await Promise.all(bodies.map(visit));
    return Promise.all(accepted.map((answer) => outcomeOf(client, answer)));
  };
  const stats = async () => (await readCustomer(client, customerId)).stats;

  it('answers 202 with the customer and the job', async () => {
    const accepted = await visit({ spent: '19.90' });
    const job = await outcomeOf(client, accepted);

    expect(accepted.status).toBe(202);
    expect(accepted.body.data).toEqual({ status: 'processing', customerId, jobId: job.id });
    expect(accepted.headers.get('location')).toBe(`/api/jobs/${job.id}`);
    expect(job).toMatchObject({ type: 'UPDATE_CUSTOMER_STATS', status: 'completed', result: { customerId } });
  });

  it('adds decimals exactly: 0.1 and 0.2 fifty times each is 15.00', async () => {
    await visits(Array.from({ length: 100 }, (_, index) => ({ spent: index % 2 ? 0.1 : '0.2' })));

    expect(await stats()).toEqual({ totalSpend: '15.00', visits: 100, lastVisit: AT });
  });

  it('adds large amounts exactly', async () => {
    await visits([{ spent: '1000000000' }, { spent: '999999999.99' }, { spent: '0.01' }]);

    expect((await stats()).totalSpend).toBe('2000000000.00');
  });

  it('counts an eventId once, however often it is sent', async () => {
    const jobs = await visits([
      { spent: '5', eventId: 'order-1' },
      { spent: '5', eventId: 'order-1' },
      { spent: '5', eventId: 'order-1' },
      { spent: '7', eventId: 'order-2' },
    ]);

    expect(jobs.map(({ status }) => status)).toEqual(['completed', 'completed', 'completed', 'completed']);
    expect(await stats()).toMatchObject({ totalSpend: '12.00', visits: 2 });
  });

  it('counts the same eventId for each customer', async () => {
    await visits([{ spent: '5', eventId: 'order-1' }]);
    customerId = await existingCustomer(client);

    await visits([{ spent: '6', eventId: 'order-1' }]);

    expect((await stats()).totalSpend).toBe('6.00');
  });

  it('keeps the latest visit as the last one, whatever came last', async () => {
    await visits([{ at: '2026-01-01T00:00:00Z' }]);
    await visits([{ at: '2026-03-01T10:00:00+02:00' }]);
    await visits([{ at: '2026-02-01T00:00:00Z' }]);

    expect((await stats()).lastVisit).toBe('2026-03-01T08:00:00.000Z');
  });

  it('leaves the totals alone when a field of the customer changes', async () => {
    await visits([{ spent: '5' }]);

    await outcomeOf(client, await client.patch(`/api/customer/${customerId}`, { name: 'Other' }));

    expect(await stats()).toEqual({ totalSpend: '5.00', visits: 1, lastVisit: AT });
  });

  it.each([
    ['2026-W05-1'],
    ['2026-031'],
    ['2026-01-31T1200Z'],
    ['-0001-01-01'],
    ['2026-02-30'],
    ['yesterday'],
    [1769860800000],
    [null],
  ])('refuses %p as a time', async (at) => {
    const answer = await visit({ at });

    expect(answer.status).toBe(400);
    expect(answer.body.errors).toEqual([
      { field: 'at', code: expect.any(String), message: expect.any(String) },
    ]);
  });

  it.each([
    ['0.001'],
    [0.001],
    ['-1'],
    [-1],
    ['1e3'],
    ['1000000000.01'],
    [''],
    ['5,00'],
    [null],
    [true],
    [{}],
  ])('refuses %p as an amount', async (spent) => {
    const answer = await visit({ spent });

    expect(answer.status).toBe(400);
    expect(answer.body.errors).toMatchObject([{ field: 'spent' }]);
  });

  it.each([[-1], [1.5], ['1'], [1_000_000_001], [null]])(
    'refuses %p as a number of visits',
    async (count) => {
      const answer = await visit({ visits: count });

      expect(answer.status).toBe(400);
      expect(answer.body.errors).toMatchObject([{ field: 'visits' }]);
    },
  );
});
