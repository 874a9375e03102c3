import asyncapi from '@asyncapi/specs';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { Redis } from 'ioredis';
import { EVENT_TYPES, type CloudEvent } from '../../src/events/customer-events';
import { EVENT_LOG, fromEntry } from '../../src/events/event-log';
import { buildCsv } from '../factories/csv';
import { buildCustomer } from '../factories/customer';
import type { Client } from '../helpers/client';
import { acceptedImport } from '../helpers/customers';
import { createDeliveries, type Deliveries } from '../helpers/deliveries';
import { EventWatch } from '../helpers/event-watch';
import { Stores } from '../helpers/stores';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { newTenant } from '../helpers/tokens';
import { waitFor } from '../helpers/wait';
import packageJson from '../../package.json';

const NOBODY = '00000000-0000-7000-8000-000000000000';

interface EventDocument {
  info: { version: string };
  channels: Record<string, { address: string; messages: Record<string, { $ref: string }> }>;
  operations: Record<string, { action: string; channel: { $ref: string } }>;
  components: {
    messages: Record<string, { payload: object; examples?: { payload: object }[] }>;
  };
}

function newAjv(): Ajv {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true });
  addFormats(ajv);
  return ajv;
}

describe('the AsyncAPI document', () => {
  let api: TestApp;
  let document: EventDocument;
  const ajv = newAjv();

  beforeAll(async () => {
    api = await createTestApp({ role: 'api' });
    const answer = await fetch(`${api.url}/asyncapi.json`);
    document = (await answer.json()) as EventDocument;
  });

  afterAll(async () => {
    await api.close();
  });

  const problemsOf = (schema: object, value: unknown): string[] => {
    const validate = ajv.compile(schema);
    return validate(value) ? [] : (validate.errors ?? []).map((error) => JSON.stringify(error));
  };
  const problemsOfEvent = (event: CloudEvent): string[] =>
    problemsOf(document.components.messages[event.type]?.payload ?? { not: {} }, event);

  it('is valid AsyncAPI 3.0', () => {
    const official = newAjv();

    const isValid = official.validate(asyncapi.schemasWithoutId['3.0.0'] as object, document);

    expect(official.errors ?? []).toEqual([]);
    expect(isValid).toBe(true);
    expect(document).toMatchObject({ asyncapi: '3.0.0', info: { version: packageJson.version } });
  });

  it('refers to nothing that is not in it', () => {
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path);
    const found = refs.map((path) =>
      path
        .split('/')
        .reduce<unknown>((part, name) => (part as Record<string, unknown> | undefined)?.[name], document),
    );

    expect(refs.length).toBeGreaterThan(EVENT_TYPES.length);
    expect(found).not.toContain(undefined);
  });

  it('has every type of event, on every way', () => {
    const { channels, operations, components } = document;

    for (const { messages } of [...Object.values(channels), components])
      expect(Object.keys(messages)).toEqual(expect.arrayContaining(EVENT_TYPES));
    expect(Object.values(channels).map(({ address }) => address)).toEqual([
      'customer.events',
      'customer.events',
      '/api/events',
    ]);
    expect(Object.values(operations).map(({ channel }) => channel.$ref)).toEqual(
      Object.keys(channels).map((name) => `#/channels/${name}`),
    );
  });

  it('has an example of each that is one', () => {
    const examples = EVENT_TYPES.flatMap((type) => document.components.messages[type]?.examples ?? []);

    expect(examples).toHaveLength(EVENT_TYPES.length);
    expect(examples.flatMap(({ payload }) => problemsOfEvent(payload as CloudEvent))).toEqual([]);
  });

  it('is not a worker’s', async () => {
    const worker = await createTestApp({ role: 'worker' });

    const { status } = await fetch(`${worker.url}/asyncapi.json`);
    await worker.close();

    expect(status).toBe(404);
  });

  describe('of events that are sent', () => {
    const tenantId = newTenant();
    let client: Client;
    let watch: EventWatch;
    let stores: Stores;
    let deliveries: Deliveries;

    beforeAll(async () => {
      [watch, stores, deliveries] = await Promise.all([
        EventWatch.on(api),
        Stores.of(api),
        createDeliveries(api),
      ]);
      client = api.client({ tenantId, roles: ['operator'] });
      await singleWrites();
      await imports();
      const { body } = await client.post('/api/queue/test/event', {});
      await waitFor(
        'the last event',
        () => Promise.resolve(sent()),
        (events) => events.some(({ id }) => id === body.data.eventId),
      );
    });

    afterAll(async () => {
      await Promise.all([watch.close(), stores.close(), deliveries.close()]);
    });

    const sent = () => watch.all().filter(({ tenantid }) => tenantid === tenantId);

    async function singleWrites(): Promise<void> {
      const customer = buildCustomer();
      const { customerId } = (await client.post('/api/customer', customer)).body.data;
      await client.patch(`/api/customer/${customerId}`, { name: 'Other' });
      const visit = { spent: 1.5, visits: 1, at: '2026-01-31T12:00:00Z' };
      await client.post(`/api/customer/${customerId}/stats`, visit);
      await client.post('/api/customer', customer);
      await client.patch(`/api/customer/${NOBODY}`, { name: 'Nobody' });
      await deliveries.drain();
      await client.delete(`/api/customer/${customerId}`);
      // A change of a customer whose create is dead is given up.
      const dead = (await client.post('/api/customer', buildCustomer())).body.data;
      await stores.kill(dead.jobId);
      await client.patch(`/api/customer/${dead.customerId}`, { name: 'Other' });
      await deliveries.drain();
    }

    async function imports(): Promise<void> {
      await acceptedImport(client, buildCsv({ rows: 1_500 }));
      await acceptedImport(client, `${buildCsv({ rows: 1 })},no email\n`, '?dryRun=true');
      const cancelled = await acceptedImport(client, buildCsv({ rows: 3 }));
      await client.post(`/api/customer/imports/${cancelled}/cancel`);
      const failed = await acceptedImport(client, buildCsv({ rows: 3 }));
      await stores.dropChunk(failed, 0);
      await deliveries.drain();
    }

    it('fits each of them, of every type', () => {
      const events = sent();

      expect(new Set(events.map(({ type }) => type))).toEqual(new Set(EVENT_TYPES));
      expect(events.some(({ data }) => 'dryRun' in data)).toBe(true);
      expect(events.flatMap((event) => problemsOfEvent(event))).toEqual([]);
    });

    it('says no less than what is in them: a new field is written down first', () => {
      const [event] = sent();

      const more = { ...event, data: { ...event?.data, more: 1 } } as unknown as CloudEvent;

      expect(problemsOfEvent(more)).toEqual([expect.stringContaining('"additionalProperty":"more"')]);
    });

    it('is as true of the stream as of the channel', async () => {
      const redis = new Redis(api.variables.REDIS_URL ?? '');
      const entries = await redis.xrange(EVENT_LOG, '-', '+');
      redis.disconnect();

      const kept = entries
        .flatMap((entry) => fromEntry(entry) ?? [])
        .filter((one) => one.tenantId === tenantId);

      const idsOf = (events: CloudEvent[]): string[] => events.map(({ id }) => id).sort();
      expect(idsOf(kept.map(({ json }) => JSON.parse(json) as CloudEvent))).toEqual(idsOf(sent()));
    });
  });
});
