import fc from 'fast-check';
import { buildCsv, emailOfRow } from '../factories/csv';
import type { Client } from '../helpers/client';
import { acceptedImport, existingCustomer } from '../helpers/customers';
import { createDeliveries, type Deliveries } from '../helpers/deliveries';
import { EventWatch } from '../helpers/event-watch';
import { holdsForAll, PROPERTY_TIMEOUT_MS } from '../helpers/property';
import { Stores } from '../helpers/stores';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { newTenant } from '../helpers/tokens';
import { waitFor } from '../helpers/wait';

const RULES = ['update', 'skip', 'fail'] as const;

interface Row {
  name: string;
  who: number;
  visits: string;
  club: string;
}

/** Few people, so that most are there already or twice, and some rows that can't be taken. */
const rows: fc.Arbitrary<Row[]> = fc.array(
  fc.record({
    name: fc.constantFrom('Ana', 'Ana', 'Bo', ''),
    who: fc.integer({ min: 0, max: 7 }),
    visits: fc.constantFrom('', '1', '2', 'many'),
    club: fc.constantFrom('', 'gold', 'silver'),
  }),
  { minLength: 1, maxLength: 20 },
);
/** Those that exist before the file comes, or were deleted. */
const people = fc.record({
  living: fc.subarray([0, 1, 2, 3, 4, 5]),
  deleted: fc.subarray([2, 3]),
});

describe('a dry run', () => {
  let api: TestApp;
  let stores: Stores;
  let deliveries: Deliveries;

  beforeAll(async () => {
    api = await createTestApp({ role: 'api' });
    stores = await Stores.of(api);
    deliveries = await createDeliveries(api);
  });

  afterAll(async () => {
    await deliveries.close();
    await stores.close();
    await api.close();
  });

  const emailOf = (who: number): string => (who === 7 ? 'nobody' : `person-${who}@example.com`);
  const csvOf = (file: Row[]): string =>
    `name,email,visits,club\n${file
      .map(({ name, who, visits, club }) => `${name},${emailOf(who)},${visits},${club}\n`)
      .join('')}`;

  const run = async (client: Client, csv: string, query: string) => {
    const importId = await acceptedImport(client, csv, query);
    await deliveries.drain();
    const get = async (what: string) => (await client.get(`/api/customer/imports/${importId}${what}`)).body;
    const { status, counts, problems, dryRun } = (await get('')).data;
    const results = String(await get('/results.csv'));
    const outcomes = results.split('\r\n').map((line) => line.split(',').slice(0, 2).join());
    const errors = String(await get('/errors.csv'));
    return { dryRun, results, comesTo: { status, counts, problems, outcomes, errors } };
  };

  it.each(RULES)(
    'comes to what the real run comes to, and changes nothing: %s',
    async (rule) => {
      await holdsForAll(
        fc.tuple(people, rows),
        async ([{ living, deleted }, file]) => {
          const tenantId = newTenant();
          const client = api.client({ tenantId });
          for (const who of new Set([...living, ...deleted])) {
            const accepted = await client.post('/api/customer', {
              name: 'Ana',
              email: emailOf(who),
              attributes: { club: 'gold' },
            });
            if (deleted.includes(who)) await client.delete(`/api/customer/${accepted.body.data.customerId}`);
          }
          await deliveries.drain();
          const before = await stores.customersOf(tenantId);

          const rehearsed = await run(client, csvOf(file), `?onDuplicate=${rule}&dryRun=true`);
          const after = await stores.customersOf(tenantId);
          const real = await run(client, csvOf(file), `?onDuplicate=${rule}`);

          expect(after).toEqual(before);
          expect(rehearsed.dryRun).toBe(true);
          expect(rehearsed.comesTo).toEqual(real.comesTo);
          expect(await stores.countRehearsed()).toBe(0);
        },
        { runs: 25, limitMs: 8_000 },
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  it.each(RULES)('hands on from chunk to chunk what the rows would have left: %s', async (rule) => {
    const tenantId = newTenant();
    const client = api.client({ tenantId });
    const prefix = newTenant();
    const lines = buildCsv({ rows: 2500, prefix }).trimEnd().split('\n');
    for (const line of [1500, 2400]) lines[line] = `Again,${emailOfRow(prefix, 5)},3`;
    lines[2450] = `Customer 7,${emailOfRow(prefix, 7)},0`;
    lines[2500] = `Nobody,nobody,3`;

    const rehearsed = await run(client, lines.join('\n'), `?onDuplicate=${rule}&dryRun=true`);
    const real = await run(client, lines.join('\n'), `?onDuplicate=${rule}`);

    expect(rehearsed.comesTo).toEqual(real.comesTo);
    expect(rehearsed.comesTo.counts).toMatchObject({ created: 2496, processed: 2500 });
  });

  it('comes to the same in whatever order its chunks are delivered, and however often', async () => {
    const client = api.client();
    const prefix = newTenant();
    const csv = `${buildCsv({ rows: 2400, prefix })}Again,${emailOfRow(prefix, 5)},9\nAgain,${emailOfRow(prefix, 5)},9\n`;
    const importId = await acceptedImport(client, csv, '?dryRun=true');
    const chunks = await deliveries.chunksOf(importId);

    for (const chunk of chunks.toReversed()) await deliveries.deliver(chunk, { times: 2, atOnce: true });
    await deliveries.drain(new Set(chunks));

    expect((await client.get(`/api/customer/imports/${importId}`)).body.data).toMatchObject({
      status: 'completed',
      counts: { processed: 2402, created: 2400, updated: 1, unchanged: 1 },
    });
  });

  it('comes to the same when its worker died before it counted', async () => {
    const client = api.client();
    const csv = `${buildCsv({ rows: 10 })}Ana,a@example.com,1\nBo,a@example.com,1\n${buildCsv({ rows: 1500 }).slice(18)}`;
    const importId = await acceptedImport(client, csv, '?dryRun=true');
    const bytes = await stores.chunkBytes(importId, 0);
    await deliveries.deliver(`${importId}-0`);
    await stores.uncount(importId, 0, bytes);

    await deliveries.drain();

    expect((await client.get(`/api/customer/imports/${importId}`)).body.data).toMatchObject({
      status: 'completed',
      counts: { processed: 1512, created: 1511, updated: 1 },
    });
  });

  it('names the customers that are there, and none that would be', async () => {
    const client = api.client();
    const accepted = await client.post('/api/customer', { name: 'Ana', email: 'known@example.com' });
    await deliveries.drain();
    const { results } = await run(
      client,
      'name,email\nBo,known@example.com\nBo,new@example.com\nCy,new@example.com\n',
      '?dryRun=true',
    );

    expect(results.split('\r\n').slice(1, -1)).toEqual([
      `2,updated,${accepted.body.data.customerId}`,
      '3,created,',
      '4,updated,',
    ]);
  });

  it('is one to subscribers, from the first event to the last', async () => {
    const watch = await EventWatch.on(api);
    const client = api.client();
    const importId = await acceptedImport(client, buildCsv({ rows: 1500 }), '?dryRun=true');
    const other = await acceptedImport(client, buildCsv({ rows: 1 }));
    await deliveries.drain();

    const events = await watch.until(importId, 'customer.import.completed');
    const others = await watch.until(other, 'customer.import.completed');
    await watch.close();

    expect(events.length).toBeGreaterThanOrEqual(4);
    expect(events.filter(({ data }) => !('dryRun' in data))).toEqual([]);
    expect(others.filter(({ data }) => 'dryRun' in data)).toEqual([]);
  });

  it('has nothing that could be undone', async () => {
    const client = api.client();
    const importId = await acceptedImport(client, buildCsv({ rows: 1 }), '?dryRun=true');
    await deliveries.drain();

    const { status, body } = await client.post(`/api/customer/imports/${importId}/undo`);

    expect(status).toBe(409);
    expect(body.detail).toContain('dry run');
  });

  it.each(['dryRun=yes', 'dryRun=', 'dryRun=1'])('is refused by ?%s', async (query) => {
    const { status, body } = await api.client().upload(buildCsv({ rows: 1 }), `?${query}`);

    expect(status).toBe(400);
    expect(body.errors).toMatchObject([{ field: 'dryRun' }]);
  });

  it('is over when a real one would be, and leaves nothing', async () => {
    const app = await createTestApp({ role: 'worker', variables: api.variables });
    const client = api.client();
    const known = await existingCustomer(client);
    await acceptedImport(client, buildCsv({ rows: 3500 }), '?dryRun=true');

    await waitFor(
      'the dry run to end',
      () => client.get('/api/customer/imports'),
      ({ body }) => body.data.items[0].status === 'completed',
    );
    await app.close();

    const { body } = await client.get('/api/customer');
    expect(body.data.items.map(({ id }: { id: string }) => id)).toEqual([known]);
    expect(await stores.countRehearsed()).toBe(0);
  });
});
