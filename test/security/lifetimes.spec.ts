import { randomUUID } from 'node:crypto';
import { acceptedImport } from '../helpers/customers';
import { Everything } from '../helpers/everything';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitForImport, waitForJob } from '../helpers/wait';

const DAY_MS = 24 * 3_600_000;
/** What waits the longest: a chunk of an import. */
const LONGEST_MS = 31 * DAY_MS;
/** Streams that keep the newest so many entries: ours, and BullMQ's own. */
const CAPPED = /^customer\.events$|:events$/;

/** OWASP API3:2023: what Redis holds of a person goes by itself. */
describe('personal data in Redis', () => {
  let app: TestApp;
  let everything: Everything;

  beforeAll(async () => {
    app = await createTestApp();
    everything = await Everything.of(app);
  });

  afterAll(async () => {
    await everything.close();
    await app.close();
  });

  /** How long what is under a key is kept there; undefined: for ever. */
  const lifetimeOf = async (key: string): Promise<string | undefined> => {
    const { redis } = everything;
    const ttlMs = await redis.pttl(key);
    if (ttlMs > 0) return ttlMs <= LONGEST_MS ? 'by time' : undefined;
    if (ttlMs === -2 || CAPPED.test(key)) return 'by number';
    const opts = JSON.parse((await redis.hget(key, 'opts').catch(() => null)) ?? '{}') as Record<
      string,
      unknown
    >;
    // A dead one is trimmed by DEAD_LETTER_MAX and DEAD_LETTER_RETENTION_HOURS: dead-letters.spec.ts.
    return isBounded(opts.removeOnComplete) ? 'with its job' : undefined;
  };
  const isBounded = (kept: unknown): boolean =>
    kept === true || (typeof kept === 'object' && kept !== null && 'age' in kept && 'count' in kept);

  it('has a lifetime, whatever it came with', async () => {
    const mark = `mark${randomUUID().replaceAll('-', '')}`;
    const client = app.client();
    const customer = { name: mark, email: `${mark}@example.com`, attributes: { note: mark } };
    const csv = `name,email\n${mark},second-${mark}@example.com\n${mark},no email ${mark}\n`;
    const keyed = {
      headers: { 'content-type': 'application/json', 'idempotency-key': mark },
      method: 'POST',
    };
    const created = await client.fetch('/api/customer', { ...keyed, body: JSON.stringify(customer) });
    await waitForJob(client, created.body.data.jobId);
    const refused = await client.post('/api/customer', customer);
    await waitForJob(client, refused.body.data.jobId);
    await client.post(`/api/customer?runAt=${new Date(Date.now() + 30 * DAY_MS).toISOString()}`, {
      ...customer,
      email: `later-${mark}@example.com`,
    });
    await waitForImport(client, await acceptedImport(client, csv));
    await acceptedImport(client, csv, `?runAt=${new Date(Date.now() + 3_600_000).toISOString()}`);

    const keys = [...new Set((await everything.saying(mark)).map(({ where }) => where))];
    const inRedis = keys.filter((key) => key.includes(app.variables.QUEUE_PREFIX ?? '') || CAPPED.test(key));
    const kept = await Promise.all(inRedis.map(async (key) => [key, await lifetimeOf(key)] as const));

    expect(new Set(kept.map(([, how]) => how))).toEqual(new Set(['by time', 'by number', 'with its job']));
    expect(kept.filter(([, how]) => how === undefined)).toEqual([]);
  });
});
