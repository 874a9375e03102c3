import { createConnection, type Connection } from 'mongoose';
import { CUSTOMER_COLLECTIONS } from '../../src/customer/customer-models';
import { EMAIL_INDEX } from '../../src/customer/customer.schema';
import { newCustomer } from '../../src/customer/new-customer';
import { buildCustomer } from '../factories/customer';
import { testVariables } from '../helpers/environment';
import { DAY_MS, Maintenance } from '../helpers/maintenance';
import { runMigration } from '../helpers/process';
import { createTestApp } from '../helpers/test-app';
import { waitFor, waitForJob } from '../helpers/wait';

/** A database of a test's own, with nothing in it. */
const emptyDatabase = async () => {
  const variables = testVariables();
  const { MONGODB_URI = '' } = variables;
  const db = await createConnection(MONGODB_URI).asPromise();
  return { variables, only: { MONGODB_URI }, db };
};
const customer = (email: string, customerId: string) =>
  newCustomer({ customerId, tenantId: 'acme', order: 1, acceptedAt: 1 }, { name: 'Ana', email });
const indexesOf = async (db: Connection, collection: string): Promise<string[]> =>
  (await db.collection(collection).indexes()).map(({ name = '' }) => name).sort();
const collectionsOf = async (db: Connection): Promise<string[]> =>
  (await db.listCollections()).map(({ name }) => name).sort();
const indexNames = CUSTOMER_COLLECTIONS.flatMap(({ name, indexes }) =>
  indexes.map((index) => `${name}.${index.name}`),
);

describe('the migration', () => {
  it('makes every collection and index, needs nothing but MongoDB, and finds nothing to do the second time', async () => {
    const { only, db } = await emptyDatabase();

    const first = await runMigration(only);
    const made = await collectionsOf(db);
    const emails = await indexesOf(db, 'customers');
    const second = await runMigration(only);
    await db.close();

    expect([first, second].map(({ code, problems }) => ({ code, problems }))).toEqual([
      { code: 0, problems: [] },
      { code: 0, problems: [] },
    ]);
    expect(made).toEqual(CUSTOMER_COLLECTIONS.map(({ name }) => name).sort());
    expect(emails).toContain(EMAIL_INDEX);
    expect(
      first.lines.flatMap(({ collection, indexes }) =>
        (indexes as string[]).map((index) => `${String(collection)}.${index}`),
      ),
    ).toEqual(indexNames);
    expect(new Set(second.lines.map(({ msg }) => msg))).toEqual(new Set(['nothing to do']));
  });

  it('may run beside itself', async () => {
    const { only, db } = await emptyDatabase();
    await db
      .collection<{ _id: string }>('customers')
      .insertMany(Array.from({ length: 5_000 }, (_, n) => customer(`${n}@example.com`, String(n))));

    const runs = await Promise.all([runMigration(only), runMigration(only), runMigration(only)]);
    const indexes = await indexesOf(db, 'customers');
    await db.close();

    expect(runs.map(({ code, problems }) => ({ code, problems }))).toEqual(
      Array.from({ length: 3 }, () => ({ code: 0, problems: [] })),
    );
    expect(indexes).toContain(EMAIL_INDEX);
  });

  it('names an index that it does not know, and leaves it', async () => {
    const { only, db } = await emptyDatabase();
    await db
      .collection('import_changes')
      .createIndexes([{ key: { importId: 1 }, name: 'of_an_older_version' }]);

    const { code, lines } = await runMigration(only);
    const left = await indexesOf(db, 'import_changes');
    await db.close();

    expect(code).toBe(0);
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 40, collection: 'import_changes', index: 'of_an_older_version' }),
    );
    expect(left).toContain('of_an_older_version');
  });

  it('fails, and makes all else, where an index of the same name is another one', async () => {
    const { only, db } = await emptyDatabase();
    await db.collection('job_history').createIndexes([{ key: { expiresAt: 1 }, name: 'expiry' }]);

    const { code, problems } = await runMigration(only);
    const made = await collectionsOf(db);
    await db.close();

    expect(code).toBe(1);
    expect(problems).toEqual([expect.stringMatching(/^job_history\.expiry is another index .* drop it/)]);
    expect(made).toEqual(CUSTOMER_COLLECTIONS.map(({ name }) => name).sort());
  });

  it('fails where documents break the rule of an index, without telling what they hold', async () => {
    const { only, db } = await emptyDatabase();
    await db
      .collection<{ _id: string }>('customers')
      .insertMany([customer('ana@example.com', '1'), customer('ana@example.com', '2')]);

    const { code, problems, lines } = await runMigration(only);
    await db.close();

    expect(code).toBe(1);
    expect(problems).toEqual([
      expect.stringMatching(/^customers: documents break the rule of a unique index/),
    ]);
    expect(JSON.stringify([problems, lines])).not.toContain('ana@');
  });

  it('gives up on a MongoDB that is away when its time is over', async () => {
    const startedAt = performance.now();

    const { code, problems } = await runMigration({
      MONGODB_URI: 'mongodb://127.0.0.1:1/none',
      MONGODB_TIMEOUT_MS: '300',
      MIGRATE_WAIT_MS: '2000',
    });

    expect(code).toBe(1);
    expect(problems).toEqual(['MONGODB_URI: MongoDB is not reachable within 2000 ms']);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it('says which variable is wrong', async () => {
    const { code, problems } = await runMigration({ MIGRATE_WAIT_MS: 'long' });

    expect(code).toBe(1);
    expect(problems).toEqual([
      'MONGODB_URI: missing, it is required',
      expect.stringMatching(/^MIGRATE_WAIT_MS: /),
    ]);
  });

  it('shards nothing where there is no router', async () => {
    const { only, db } = await emptyDatabase();

    const { code, problems } = await runMigration(only, ['--shard']);
    const made = await collectionsOf(db);
    await db.close();

    expect(code).toBe(1);
    expect(problems).toEqual([expect.stringMatching(/^--shard: MONGODB_URI does not lead to a mongos/)]);
    expect(made).toEqual([]);
  });
});

describe('a start on a database that lacks indexes', () => {
  const ready = async (url: string) => {
    const response = await fetch(`${url}/health/ready`);
    return {
      status: response.status,
      body: (await response.json()) as { problem?: string; starting: boolean },
    };
  };

  it('makes them as worker where there are no documents', async () => {
    const { variables, db } = await emptyDatabase();

    const worker = await createTestApp({ role: 'worker', variables });
    const made = await collectionsOf(db);
    const { body } = await ready(worker.url);
    await worker.close();
    await db.close();

    expect(made).toEqual(CUSTOMER_COLLECTIONS.map(({ name }) => name).sort());
    expect(body.problem).toBeUndefined();
  });

  it('takes no job as worker where there are documents, says what to do, and goes on once that is done', async () => {
    const { variables, only, db } = await emptyDatabase();
    await db.collection<{ _id: string }>('customers').insertOne(customer('old@example.com', 'old'));
    const api = await createTestApp({ role: 'api', variables });
    const worker = await createTestApp({ role: 'worker', variables, awaitReady: false });

    const waiting = await waitFor(
      'the worker to say so',
      () => ready(worker.url),
      ({ body }) => body.problem !== undefined,
    );
    const client = api.client();
    const accepted = await client.post('/api/customer', buildCustomer());
    const before = await indexesOf(db, 'customers');
    const { code } = await runMigration(only);
    const after = await waitFor(
      'the worker to be ready',
      () => ready(worker.url),
      ({ status }) => status === 200,
    );
    const job = await waitForJob(client, accepted.body.data.jobId);
    await worker.close();
    await api.close();
    await db.close();

    expect(waiting).toMatchObject({ status: 503, body: { starting: true } });
    expect(waiting.body.problem).toMatch(/run npm run migrate.*customers\.tenant_email_living/);
    expect(before).toEqual(['_id_']);
    expect(code).toBe(0);
    expect(after.body.problem).toBeUndefined();
    expect(job).toMatchObject({ status: 'completed' });
  });

  it('begins no maintenance as worker before the migration was run', async () => {
    const { variables, only, db } = await emptyDatabase();
    const maintenance = await Maintenance.of({ variables });
    await maintenance.deleted(3, 40 * DAY_MS);
    const jobId = await maintenance.start('PURGE_DELETED_CUSTOMERS');
    const worker = await createTestApp({ role: 'worker', variables, awaitReady: false });
    await waitFor(
      'the worker to say that indexes are missing',
      () => ready(worker.url),
      ({ body }) => body.problem !== undefined,
    );

    const migratedFrom = Date.now();
    const { code } = await runMigration(only);
    const result = await maintenance.ended(jobId);
    const job = await maintenance.queue.getJob(jobId);
    await worker.close();
    await maintenance.close();
    await db.close();

    expect(code).toBe(0);
    expect(result).toEqual({ purged: 3, visits: 0, complete: true });
    expect(job?.processedOn).toBeGreaterThan(migratedFrom);
  });

  it('makes nothing as API', async () => {
    const { variables, db } = await emptyDatabase();

    const api = await createTestApp({ role: 'api', variables });
    const { status } = await api.client().get('/api/customer');
    const made = await collectionsOf(db);
    await api.close();
    await db.close();

    expect(status).toBe(200);
    expect(made).toEqual([]);
  });
});
