import { randomUUID } from 'node:crypto';
import { CUSTOMER_COLLECTIONS } from '../../src/customer/customer-models';
import { buildCsv } from '../factories/csv';
import type { Client } from '../helpers/client';
import { acceptedImport, existingCustomer, outcomeOf } from '../helpers/customers';
import { testVariables } from '../helpers/environment';
import { DAY_MS, Maintenance } from '../helpers/maintenance';
import { type Profiled, profile } from '../helpers/profiled';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { undo, undoOf } from '../helpers/undo-stage';
import { waitFor, waitForImport } from '../helpers/wait';

/** Questions that are about all tenants, and asked rarely: by the clock, by an operator, and before the first job. */
const OF_ALL_TENANTS: ((profiled: Profiled) => boolean)[] = [
  ({ ns, command }) => ns.endsWith('.customers') && isOnly(command.filter, 'deletedAt'),
  ({ ns, command }) => ns.endsWith('.job_history') && isOnly(command.filter, 'requestId', 'expiresAt'),
  ({ op, command }) => op === 'query' && isOnly(command.filter) && command.limit === 1,
];
const isOnly = (filter: unknown, ...fields: string[]): boolean =>
  Object.keys(filter ?? {}).join() === fields.join();

/** What a command finds its documents by; undefined where it finds none. */
function filterOf({ op, command }: Profiled): unknown {
  // Of a long one, the server keeps the beginning as text.
  if ('$truncated' in command)
    return { tenantId: /filter: \{ tenantId: (".*?")/.exec(String(command.$truncated))?.[1] };
  if (op === 'query') return command.filter ?? {};
  if (op === 'update' || op === 'remove') return command.q;
  if ('findAndModify' in command || 'findandmodify' in command) return command.query;
  if ('aggregate' in command) return (command.pipeline as [{ $match?: object }])[0].$match ?? {};
  return undefined;
}

const isOfOneTenant = (filter: unknown): boolean => {
  const { tenantId, $and = [] } = filter as { tenantId?: unknown; $and?: unknown[] };
  return typeof tenantId === 'string' || $and.some(isOfOneTenant);
};

describe('what the service asks of MongoDB', () => {
  let app: TestApp;
  let seen: Profiled[];
  let tenantless: Record<string, number>;

  beforeAll(async () => {
    const variables = testVariables();
    const profiled = await profile(variables);
    app = await createTestApp({ role: 'all', variables });
    await useEverything(app);
    seen = await profiled.seen();
    const counts = await Promise.all(
      CUSTOMER_COLLECTIONS.map(async ({ name }) => [
        name,
        await profiled.db.collection(name).countDocuments({ tenantId: { $not: { $type: 'string' } } }),
      ]),
    );
    tenantless = Object.fromEntries(counts) as Record<string, number>;
    await app.close();
    await profiled.close();
  }, 120_000);

  it('is about one tenant, so that a sharded cluster asks one shard', () => {
    const questions = seen.filter((one) => filterOf(one) !== undefined);
    const others = questions.filter(
      (one) => !isOfOneTenant(filterOf(one)) && !OF_ALL_TENANTS.some((is) => is(one)),
    );

    expect(others.map(({ ns, op, command }) => ({ ns, op, command }))).toEqual([]);
    expect(tenantless).toEqual(Object.fromEntries(CUSTOMER_COLLECTIONS.map(({ name }) => [name, 0])));
    // All that there is was asked for.
    expect(new Set(questions.map(({ ns }) => ns.replace(/^[^.]*\./, '')))).toEqual(
      new Set(CUSTOMER_COLLECTIONS.map(({ name }) => name)),
    );
    expect(new Set(questions.map(({ op }) => op))).toEqual(new Set(['query', 'update', 'remove', 'command']));
  });

  it('reads what most members have, of the primary', () => {
    const reads = seen.filter(
      ({ op, command }) => (op === 'query' && !('$truncated' in command)) || 'aggregate' in command,
    );

    expect(reads.length).toBeGreaterThan(0);
    expect(new Set(reads.map(({ command }) => JSON.stringify(command.readConcern)))).toEqual(
      new Set(['{"level":"majority"}']),
    );
    expect(reads.filter(({ command }) => '$readPreference' in command && !isPrimary(command))).toEqual([]);
  });

  it('writes what most members have in their journals', () => {
    // Of updates and deletes the server writes down each statement, and not what it was sent with.
    const writes = seen.filter(({ op, command }) => op === 'insert' || 'findAndModify' in command);

    expect(writes.length).toBeGreaterThan(0);
    expect(new Set(writes.map(({ writeConcern }) => told(writeConcern)))).toEqual(
      new Set(['majority, journal, 10000 ms']),
    );
  });

  it('may be sent again after a failover, for whatever is one document', () => {
    const inserts = seen.filter(({ op, ns }) => op === 'insert' && !ns.endsWith('.system.profile'));

    expect(inserts.length).toBeGreaterThan(0);
    expect(inserts.filter(({ command }) => !('txnNumber' in command))).toEqual([]);
  });
});

const isPrimary = ({ $readPreference }: Record<string, unknown>): boolean =>
  ($readPreference as { mode?: string }).mode === 'primary';

function told(writeConcern: object | undefined): string {
  const { w, j, wtimeout } = (writeConcern ?? {}) as { w?: unknown; j?: unknown; wtimeout?: unknown };
  return `${String(w)}, ${j === true ? 'journal' : 'no journal'}, ${String(wtimeout)} ms`;
}

/** Every way there is to the database. */
async function useEverything(app: TestApp): Promise<void> {
  const client = app.client({ roles: ['admin'] });
  await useCustomers(client);
  await useImports(client);
  const maintenance = await Maintenance.of(app);
  const [deleted = ''] = await maintenance.deleted(3, 400 * DAY_MS);
  await maintenance.visits(deleted, 2);
  await maintenance.run('PURGE_DELETED_CUSTOMERS');
  await maintenance.close();
}

async function useCustomers(client: Client): Promise<void> {
  const email = `${randomUUID()}@example.com`;
  const id = await existingCustomer(client, { email, tags: ['vip'] });
  const visit = { spent: '1.50', visits: 1, at: '2026-01-31T12:00:00Z', eventId: 'one' };
  const jobs = [
    await client.post('/api/customer', { name: 'Bo', email }),
    await client.patch(`/api/customer/${id}`, { name: 'Cy', email: `${randomUUID()}@example.com` }),
    await client.post(`/api/customer/${id}/stats`, visit),
    await client.post(`/api/customer/${id}/stats`, { ...visit, eventId: 'two' }),
  ];
  for (const job of jobs) await outcomeOf(client, job);
  const [first] = jobs;
  for (const path of [
    `/api/customer/${id}`,
    '/api/customer?search=a&sort=-name&limit=1',
    `/api/customer?email=${email}&tag=vip`,
    '/api/customer/export.csv',
    `/api/jobs/${randomUUID()}`,
    `/api/jobs/${first?.body.data.jobId}`,
    `/admin/api/jobs?requestId=${first?.headers.get('x-request-id')}`,
  ])
    await client.get(path);
  await outcomeOf(client, await client.delete(`/api/customer/${id}`));
}

async function useImports(client: Client): Promise<void> {
  const imported = async (csv: string, query = '') => {
    const importId = await acceptedImport(client, csv, query);
    await waitForImport(client, importId);
    return importId;
  };
  const csv = buildCsv({ rows: 1_200 });
  await imported(csv);
  const changed = csv.replaceAll('Customer', 'Client');
  await imported(changed, '?dryRun=true');
  const update = await imported(`${changed}X,x-${randomUUID()}@example.com,not a number\n`);
  await imported(csv, '?onDuplicate=skip');
  await imported(csv, '?onDuplicate=fail');
  await undo(client, update);
  await waitFor(
    'the undo',
    () => undoOf(client, update),
    (seen) => seen?.status === 'completed',
  );
  for (const file of ['results', 'errors', 'conflicts'])
    await client.get(`/api/customer/imports/${update}/${file}.csv`);
}
