import { createConnection } from 'mongoose';
import { buildCsv } from '../factories/csv';
import { buildCustomer } from '../factories/customer';
import type { Answer, Client } from './client';
import { acceptedImport } from './customers';
import { timed } from './outage';
import type { TestApp } from './test-app';
import { newTenant } from './tokens';
import { waitFor, waitForImport, waitForJob } from './wait';

const ROWS = 40_000;
const WRITES_AFTER = 20;
const PATIENCE = { timeoutMs: 60_000 };

/** What came of writes and an import while Redis failed over. */
export interface FailoverReport {
  accepted: number;
  refused: number;
  /** Statuses other than 202 and 503. */
  others: number[];
  slowestMs: number;
  /** The longest time without a write that was accepted. */
  backAfterMs: number;
  /** Of all writes that were accepted, how often their customer is there. */
  times: number[];
  import: { status: string; created: number; stored: number };
  tookMs: number;
}

/** What a report says when each write that was accepted is done once. */
export const NOTHING_LOST = {
  others: [],
  times: [1],
  import: { status: 'completed', created: ROWS, stored: ROWS },
};

/**
 * Lets customers be created, one after the other, and a large file be imported, while the master ends.
 * @param end what ends the master
 */
export async function throughFailover(api: TestApp, end: () => Promise<void>): Promise<FailoverReport> {
  const startedAt = performance.now();
  const tenantId = newTenant();
  const client = api.client({ tenantId });
  const importId = await acceptedImport(client, buildCsv({ rows: ROWS, prefix: 'imported' }));
  const writes = new Writes(client);
  const writing = writes.run();
  await waitFor(
    'the import to be under way',
    () => client.get(`/api/customer/imports/${importId}`),
    ({ body }) => body.data?.counts.processed > 0,
  );
  await end();
  await writes.acceptedAfter(performance.now());
  await writes.stop(writing);

  const outcomes = await Promise.all(writes.jobIds.map((id) => waitForJob(client, id, PATIENCE)));
  const failed = outcomes.filter(({ status }) => status !== 'completed');
  if (failed.length > 0) throw new Error(`Accepted, and failed: ${JSON.stringify(failed)}`);
  const ended = await waitForImport(client, importId, PATIENCE);
  const emails = await emailsOf(api, tenantId);
  const times = Map.groupBy(emails, (email) => email);
  return {
    accepted: writes.jobIds.length,
    refused: writes.refused,
    others: writes.others,
    slowestMs: Math.round(writes.slowestMs),
    backAfterMs: Math.round(writes.longestGapMs()),
    times: [...new Set(writes.emails.map((email) => times.get(email)?.length ?? 0))],
    import: {
      status: ended.status,
      created: ended.counts.created,
      stored: emails.filter((email) => email.startsWith('imported')).length,
    },
    tookMs: Math.round(performance.now() - startedAt),
  };
}

async function emailsOf({ variables }: TestApp, tenantId: string): Promise<string[]> {
  const mongo = await createConnection(variables.MONGODB_URI ?? '').asPromise();
  const customers = await mongo.collection<{ email: string }>('customers').find({ tenantId }).toArray();
  await mongo.close();
  return customers.map(({ email }) => email);
}

/** A caller that creates customers one after the other, whatever it is answered. */
class Writes {
  readonly jobIds: string[] = [];
  readonly emails: string[] = [];
  readonly others: number[] = [];
  refused = 0;
  slowestMs = 0;
  private readonly acceptedAtMs: number[] = [];
  private stopped = false;

  constructor(private readonly client: Client) {}

  async run(): Promise<void> {
    while (!this.stopped) {
      const customer = buildCustomer();
      const answer = await timed(() => this.client.post('/api/customer', customer));
      this.slowestMs = Math.max(this.slowestMs, answer.durationMs);
      this.note(answer, customer.email);
    }
  }

  async stop(running: Promise<void>): Promise<void> {
    this.stopped = true;
    await running;
  }

  longestGapMs(): number {
    const gaps = this.acceptedAtMs.map((atMs, index) => atMs - (this.acceptedAtMs[index - 1] ?? atMs));
    return Math.max(...gaps);
  }

  /** Waits until writes are accepted again, and a good number of them. */
  async acceptedAfter(atMs: number): Promise<void> {
    await waitFor(
      'writes to be accepted again',
      () => Promise.resolve(this.acceptedAtMs.filter((acceptedAt) => acceptedAt > atMs).length),
      (count) => count >= WRITES_AFTER,
      PATIENCE,
    );
  }

  private note({ status, body }: Pick<Answer, 'status' | 'body'>, email: string): void {
    if (status === 503) this.refused += 1;
    else if (status !== 202) this.others.push(status);
    else {
      this.acceptedAtMs.push(performance.now());
      this.jobIds.push(body.data.jobId);
      this.emails.push(email);
    }
  }
}
