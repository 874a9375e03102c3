import { randomUUID } from 'node:crypto';
import { buildCustomer } from '../factories/customer';
import { existingCustomer, outcomeOf, readCustomer } from '../helpers/customers';
import { createTestApp, type TestApp } from '../helpers/test-app';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe('customer writes', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await createTestApp();
  });

  afterAll(async () => {
    await app.close();
  });

  describe('POST /api/customer', () => {
    it('answers 202 with what the contract says, and where to ask for the job', async () => {
      const client = app.client();
      const customer = buildCustomer();

      const accepted = await client.post('/api/customer', customer);

      expect(accepted.status).toBe(202);
      expect(accepted.body).toEqual({
        success: true,
        message: 'Customer creation request submitted successfully. Processing asynchronously.',
        data: {
          status: 'processing',
          email: customer.email,
          customerId: expect.stringMatching(UUID),
          jobId: expect.stringMatching(UUID),
        },
      });
      expect(accepted.headers.get('location')).toBe(`/api/jobs/${accepted.body.data.jobId}`);
    });

    it('has a worker persist all that was given, to be read by the id of the answer', async () => {
      const client = app.client();
      const customer = buildCustomer({
        phone: '+55 11 5555-0100',
        address: 'Rua das Flores 12, São Paulo',
        tags: ['vip', 'beta'],
        attributes: { plan: 'gold', seats: 12, active: true },
      });

      const accepted = await client.post('/api/customer', customer);
      await outcomeOf(client, accepted);

      expect(await readCustomer(client, accepted.body.data.customerId)).toEqual({
        ...customer,
        id: accepted.body.data.customerId,
        stats: { totalSpend: '0.00', visits: 0, lastVisit: null },
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
      });
    });

    it('has a job that tells its type, status, attempts, result and times', async () => {
      const client = app.client();

      const accepted = await client.post('/api/customer', buildCustomer());
      const job = await outcomeOf(client, accepted);

      expect(job).toEqual({
        id: accepted.body.data.jobId,
        type: 'CREATE_CUSTOMER',
        status: 'completed',
        attempts: 1,
        result: { customerId: accepted.body.data.customerId },
        error: null,
        queuedAt: expect.any(String),
        startedAt: expect.any(String),
        finishedAt: expect.any(String),
      });
      const { queuedAt, startedAt, finishedAt } = job;
      expect([queuedAt, startedAt, finishedAt].map((time) => new Date(time).toISOString()).sort()).toEqual([
        queuedAt,
        startedAt,
        finishedAt,
      ]);
    });

    it('keeps the email in lower case and texts without spaces around them', async () => {
      const client = app.client();
      const id = randomUUID();

      const customerId = await existingCustomer(client, {
        name: '  Ana Souza ',
        email: ` ANA-${id}@Example.COM `,
        tags: [' vip ', 'vip'],
      });

      expect(await readCustomer(client, customerId)).toMatchObject({
        name: 'Ana Souza',
        email: `ana-${id}@example.com`,
        tags: ['vip'],
      });
    });

    it('refuses an email that another customer has, once and for good, and writes nothing', async () => {
      const client = app.client();
      const { email } = buildCustomer();
      await existingCustomer(client, { email });

      const accepted = await client.post('/api/customer', buildCustomer({ email: email.toUpperCase() }));
      const job = await outcomeOf(client, accepted);

      expect(job).toMatchObject({
        status: 'failed',
        attempts: 1,
        result: null,
        error: { reason: 'EMAIL_TAKEN', message: 'Another customer has this email.' },
      });
      expect((await client.get(`/api/customer/${accepted.body.data.customerId}`)).status).toBe(404);
      expect((await client.get(`/api/customer?email=${email}`)).body.data.items).toHaveLength(1);
    });

    it('lets one of several win that claim an email at the same moment', async () => {
      const client = app.client();
      const { email } = buildCustomer();

      const accepted = await Promise.all(
        Array.from({ length: 5 }, () => client.post('/api/customer', buildCustomer({ email }))),
      );
      const jobs = await Promise.all(accepted.map((answer) => outcomeOf(client, answer)));

      expect(jobs.map(({ status }) => status).sort()).toEqual([
        'completed',
        'failed',
        'failed',
        'failed',
        'failed',
      ]);
    });
  });

  describe('PATCH /api/customer/:id', () => {
    it('answers 202 with the customer and the job', async () => {
      const client = app.client();
      const customerId = await existingCustomer(client);

      const accepted = await client.patch(`/api/customer/${customerId}`, { name: 'Ana Lima' });

      expect(accepted.status).toBe(202);
      expect(accepted.body).toEqual({
        success: true,
        message: expect.stringMatching(/Processing asynchronously\.$/),
        data: { status: 'processing', customerId, jobId: expect.stringMatching(UUID) },
      });
      expect(accepted.headers.get('location')).toBe(`/api/jobs/${accepted.body.data.jobId}`);
    });

    it('changes what is given, removes what is null, and keeps the rest', async () => {
      const client = app.client();
      const { email } = buildCustomer();
      const customerId = await existingCustomer(client, {
        email,
        phone: '555-0100',
        address: 'Rua 1',
        tags: ['a'],
      });

      const change = { name: 'Ana Lima', phone: null, tags: ['b', 'c'] };
      const job = await outcomeOf(client, await client.patch(`/api/customer/${customerId}`, change));

      expect(job).toMatchObject({ type: 'UPDATE_CUSTOMER', status: 'completed', result: { customerId } });
      expect(await readCustomer(client, customerId)).toMatchObject({
        name: 'Ana Lima',
        email,
        phone: null,
        address: 'Rua 1',
        tags: ['b', 'c'],
      });
    });

    it('merges attributes key by key, and removes a key by null', async () => {
      const client = app.client();
      const customerId = await existingCustomer(client, { attributes: { plan: 'gold', seats: 12 } });

      await outcomeOf(
        client,
        await client.patch(`/api/customer/${customerId}`, { attributes: { seats: null, city: 'Recife' } }),
      );

      expect((await readCustomer(client, customerId)).attributes).toEqual({ plan: 'gold', city: 'Recife' });
    });

    it('keeps attributes by names that every object has', async () => {
      const client = app.client();
      const attributes = { toString: 'text', hasOwnProperty: 'yes', toJSON: 'no', valueOf: 1 };
      const customerId = await existingCustomer(client, { attributes });
      const more = { attributes: { isPrototypeOf: true } };
      await outcomeOf(client, await client.patch(`/api/customer/${customerId}`, more));

      const read = await readCustomer(client, customerId);
      expect(Object.entries(read.attributes)).toEqual([
        ...Object.entries(attributes),
        ...Object.entries(more.attributes),
      ]);
    });

    it('removes all attributes by null', async () => {
      const client = app.client();
      const customerId = await existingCustomer(client, { attributes: { plan: 'gold', seats: 12 } });

      await outcomeOf(client, await client.patch(`/api/customer/${customerId}`, { attributes: null }));

      expect((await readCustomer(client, customerId)).attributes).toEqual({});
    });

    it('refuses what would give the customer more than 50 attributes, and changes nothing', async () => {
      const client = app.client();
      const attributes = Object.fromEntries(
        Array.from({ length: 50 }, (_, index) => [`key ${index}`, index]),
      );
      const customerId = await existingCustomer(client, { name: 'Before', attributes });
      const change = (body: object) => client.patch(`/api/customer/${customerId}`, body);

      const refused = await outcomeOf(client, await change({ name: 'After', attributes: { one: 1 } }));
      const swapped = await outcomeOf(client, await change({ attributes: { 'key 0': null, one: 1 } }));

      expect(refused).toMatchObject({
        status: 'failed',
        attempts: 1,
        error: { reason: 'TOO_MANY_ATTRIBUTES' },
      });
      expect(swapped.status).toBe('completed');
      const read = await readCustomer(client, customerId);
      expect([read.name, Object.keys(read.attributes).length, read.attributes.one]).toEqual([
        'Before',
        50,
        1,
      ]);
    });

    it('is applied when it is sent right after the create, without waiting', async () => {
      const client = app.client();

      const created = await client.post('/api/customer', buildCustomer({ name: 'Before' }));
      const { customerId } = created.body.data;
      const updated = await client.patch(`/api/customer/${customerId}`, { name: 'After' });
      const job = await outcomeOf(client, updated);

      expect(job.status).toBe('completed');
      expect((await readCustomer(client, customerId)).name).toBe('After');
    });

    it('refuses the email of another customer and changes nothing', async () => {
      const client = app.client();
      const { email } = buildCustomer();
      await existingCustomer(client, { email });
      const customerId = await existingCustomer(client, { name: 'Before' });

      const job = await outcomeOf(
        client,
        await client.patch(`/api/customer/${customerId}`, { name: 'After', email }),
      );

      expect(job).toMatchObject({ status: 'failed', attempts: 1, error: { reason: 'EMAIL_TAKEN' } });
      expect((await readCustomer(client, customerId)).name).toBe('Before');
    });
  });

  describe('DELETE /api/customer/:id', () => {
    it('hides the customer, and the email may be used again', async () => {
      const client = app.client();
      const { email } = buildCustomer();
      const customerId = await existingCustomer(client, { email });

      const accepted = await client.delete(`/api/customer/${customerId}`);
      const job = await outcomeOf(client, accepted);

      expect(accepted.body.data).toEqual({ status: 'processing', customerId, jobId: job.id });
      expect(job).toMatchObject({ type: 'DELETE_CUSTOMER', status: 'completed' });
      expect((await client.get(`/api/customer/${customerId}`)).status).toBe(404);
      expect(await existingCustomer(client, { email })).not.toBe(customerId);
    });

    it('makes later changes of the customer fail as those of one that never was', async () => {
      const client = app.client();
      const customerId = await existingCustomer(client);
      await outcomeOf(client, await client.delete(`/api/customer/${customerId}`));

      const job = await outcomeOf(client, await client.patch(`/api/customer/${customerId}`, { name: 'X' }));

      expect(job).toMatchObject({ status: 'failed', error: { reason: 'CUSTOMER_NOT_FOUND' } });
    });
  });

  it.each([
    ['change', 'PATCH', '', { name: 'Nobody' }],
    ['delete', 'DELETE', '', undefined],
    ['visit', 'POST', '/stats', { spent: '1.00', visits: 1, at: '2026-01-31T12:00:00Z' }],
  ])('accepts a %s of nobody, whose job fails at once', async (_, method, path, body) => {
    const client = app.client();

    const accepted = await client.fetch(`/api/customer/${randomUUID()}${path}`, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const job = await outcomeOf(client, accepted);

    expect(job).toMatchObject({
      status: 'failed',
      attempts: 1,
      error: { reason: 'CUSTOMER_NOT_FOUND', message: 'There is no such customer.' },
    });
  });
});
