import { randomUUID } from 'node:crypto';
import type { CloudEvent } from '../../src/events/customer-events';
import { buildCustomer } from '../factories/customer';
import { buildCsv } from '../factories/csv';
import type { Answer, Client } from '../helpers/client';
import { acceptedImport, existingCustomer, outcomeOf } from '../helpers/customers';
import { createDeliveries } from '../helpers/deliveries';
import { EventWatch } from '../helpers/event-watch';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { newTenant } from '../helpers/tokens';
import { waitForImport } from '../helpers/wait';

const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;
const typesOf = (events: CloudEvent[]): string[] => events.map(({ type }) => type);
const idsOf = (events: CloudEvent[]): string[] => events.map(({ id }) => id);

describe('events', () => {
  let app: TestApp;
  let watch: EventWatch;
  let tenantId: string;
  let client: Client;

  beforeAll(async () => {
    app = await createTestApp();
    watch = await EventWatch.on(app);
  });

  beforeEach(() => {
    tenantId = newTenant();
    client = app.client({ tenantId, sub: 'alice' });
  });

  afterAll(async () => {
    await watch.close();
    await app.close();
  });

  /** What subscribers were told of a write, once its job ended: events come before that. */
  const toldOf = async (accepted: Answer, last: string): Promise<CloudEvent[]> => {
    const { id } = await outcomeOf(client, accepted);
    return watch.until(id, last);
  };

  it('are CloudEvents 1.0 with the tenant and the request of who asked', async () => {
    const requestId = randomUUID();
    const customer = buildCustomer();

    const accepted = await client.fetch('/api/customer', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-request-id': requestId },
      body: JSON.stringify(customer),
    });
    const events = await toldOf(accepted, 'customer.created');

    const { customerId, jobId } = accepted.body.data;
    const common = {
      specversion: '1.0',
      id: expect.any(String),
      source: expect.stringMatching(/^\/\S+$/),
      time: expect.stringMatching(RFC_3339),
      subject: customerId,
      datacontenttype: 'application/json',
      tenantid: tenantId,
      requestid: requestId,
      data: { jobId, userId: 'alice', customerId, email: customer.email },
    };
    expect(events).toEqual([
      { ...common, type: 'customer.validation.success' },
      { ...common, type: 'customer.created' },
    ]);
    expect(new Set(idsOf(events)).size).toBe(2);
  });

  it.each<[string, (id: string) => Promise<Answer>]>([
    ['customer.updated', (id) => client.patch(`/api/customer/${id}`, { name: 'Other' })],
    ['customer.deleted', (id) => client.delete(`/api/customer/${id}`)],
    [
      'customer.stats.updated',
      (id) => client.post(`/api/customer/${id}/stats`, { spent: 1, visits: 1, at: '2026-01-31T12:00:00Z' }),
    ],
  ])('tell, after the validation, of %s', async (type, write) => {
    const { email } = buildCustomer();
    const customerId = await existingCustomer(client, { email });

    const events = await toldOf(await write(customerId), type);

    expect(typesOf(events)).toEqual(['customer.validation.success', type]);
    for (const event of events) {
      expect(event).toMatchObject({ subject: customerId, tenantid: tenantId });
      expect(event.data).toMatchObject({ userId: 'alice', customerId, email });
    }
  });

  it('tell the new email of a customer that changed it', async () => {
    const customerId = await existingCustomer(client);
    const { email } = buildCustomer();

    const events = await toldOf(
      await client.patch(`/api/customer/${customerId}`, { email }),
      'customer.updated',
    );

    expect(events.map(({ data }) => data)).toMatchObject([{ email }, { email }]);
  });

  it('tell of a refusal: the validation, then the failure, with operation and reason', async () => {
    const { email } = buildCustomer();
    await existingCustomer(client, { email });

    const accepted = await client.post('/api/customer', buildCustomer({ email }));
    const events = await toldOf(accepted, 'customer.failed');

    const { jobId, customerId } = accepted.body.data;
    expect(typesOf(events)).toEqual(['customer.validation.failed', 'customer.failed']);
    for (const { data } of events) {
      expect(data).toEqual({
        jobId,
        userId: 'alice',
        customerId,
        email,
        operation: 'CREATE_CUSTOMER',
        reason: expect.stringContaining('EMAIL_TAKEN'),
      });
    }
  });

  it('tell of a change of nobody as of a refusal', async () => {
    const customerId = randomUUID();

    const events = await toldOf(
      await client.patch(`/api/customer/${customerId}`, { name: 'X' }),
      'customer.failed',
    );

    expect(typesOf(events)).toEqual(['customer.validation.failed', 'customer.failed']);
    expect(events[0]?.data).toMatchObject({
      customerId,
      operation: 'UPDATE_CUSTOMER',
      reason: expect.stringContaining('CUSTOMER_NOT_FOUND'),
    });
  });

  it('tell nothing of what was not accepted', async () => {
    await client.post('/api/customer', { name: 'Ana' });
    const later = await client.post('/api/customer', buildCustomer());
    await toldOf(later, 'customer.created');

    const own = watch.all().filter(({ tenantid }) => tenantid === tenantId);
    expect(typesOf(own)).toEqual(['customer.validation.success', 'customer.created']);
  });

  describe('of an import', () => {
    it('are queued, progress for each chunk, and completed, with counts', async () => {
      const importId = await acceptedImport(client, buildCsv({ rows: 2500 }));
      const events = await watch.until(importId, 'customer.import.completed');
      const { counts } = await waitForImport(client, importId);

      expect(typesOf(events)[0]).toBe('customer.import.queued');
      expect(typesOf(events).filter((type) => type === 'customer.import.progress')).toHaveLength(3);
      expect(typesOf(events).at(-1)).toBe('customer.import.completed');
      for (const event of events) {
        expect(event).toMatchObject({ subject: importId, tenantid: tenantId, requestid: expect.any(String) });
        expect(event.data).toMatchObject({ jobId: importId, userId: 'alice', importId });
      }
      expect(events[0]?.data).toMatchObject({ counts: { rows: 2500, processed: 0 } });
      expect(events.at(-1)?.data).toMatchObject({ counts });
    });

    it('tell no email', async () => {
      const importId = await acceptedImport(client, buildCsv({ rows: 5, prefix: 'secret-person' }));

      const events = await watch.until(importId, 'customer.import.completed');

      expect(JSON.stringify(events)).not.toContain('secret-person');
    });
  });

  describe('of a job that is delivered twice', () => {
    it('have the same ids the second time', async () => {
      const api = await createTestApp({ role: 'api' });
      const own = await EventWatch.on(api);
      const deliveries = await createDeliveries(api);
      const { body } = await api.client().post('/api/customer', buildCustomer());

      await deliveries.deliver(body.data.jobId, { times: 2 });
      const events = await own.untilCount(body.data.jobId, 4);
      await deliveries.close();
      await own.close();
      await api.close();

      expect(idsOf(events.slice(2))).toEqual(idsOf(events.slice(0, 2)));
      expect(events.slice(2).map(({ data }) => data)).toEqual(events.slice(0, 2).map(({ data }) => data));
    });

    it('have the same ids for an import and for a refusal too', async () => {
      const api = await createTestApp({ role: 'api' });
      const own = await EventWatch.on(api);
      const deliveries = await createDeliveries(api);
      const caller = api.client();
      const { email } = buildCustomer();
      const first = await caller.post('/api/customer', buildCustomer({ email }));
      const second = await caller.post('/api/customer', buildCustomer({ email }));
      const importId = await acceptedImport(caller, buildCsv({ rows: 5 }));
      await deliveries.deliver(first.body.data.jobId);

      await deliveries.deliver(second.body.data.jobId, { times: 2 });
      for (const chunk of await deliveries.chunksOf(importId)) await deliveries.deliver(chunk, { times: 2 });
      const refusal = await own.untilCount(second.body.data.jobId, 4);
      const imported = await own.untilCount(importId, 5);
      await deliveries.close();
      await own.close();
      await api.close();

      expect(idsOf(refusal.slice(2))).toEqual(idsOf(refusal.slice(0, 2)));
      expect(idsOf(imported.slice(3))).toEqual(idsOf(imported.slice(1, 3)));
    });
  });
});
