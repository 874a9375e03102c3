import { buildCsv } from '../factories/csv';
import { buildCustomer } from '../factories/customer';
import type { Client } from './client';
import { acceptedImport, existingCustomer, outcomeOf } from './customers';
import { DeadJobs } from './dead-jobs';
import { ADMIN_PASSWORD } from './environment';
import { EventStreamClient } from './event-stream-client';
import { withKey } from './keyed-writes';
import { Receiver } from './receiver';
import type { TestApp } from './test-app';
import { undo, undoOf } from './undo-stage';
import { Visitor } from './visitor';
import { waitFor, waitForImport } from './wait';
import { LOCAL, subscribe } from './webhook-stage';

/** What an app needs for all ways to be open. */
export const EVERY_WAY = { ...LOCAL, RATE_LIMIT_PER_MINUTE: '100000' };

/** What the product comes to when all is well, however Redis is reached. */
export const ALL_WELL = {
  writes: ['completed', 'completed', 'completed', 'completed'],
  keyed: [true, 422],
  imports: { done: 'completed', created: 2_500, undone: 'completed', cancelled: 'cancelled' },
  streamed: true,
  delivered: true,
  dead: { listed: 1, retried: 202, again: 1, removed: 200, left: 0 },
  looks: {},
};

/**
 * Goes every way of the product that leads to Redis.
 * @param direct how the test itself reaches the Redis that has the keys: address, and prefix of the keys
 */
export async function everyWay(app: TestApp, direct: { REDIS_URL: string; QUEUE_PREFIX: string }) {
  const client = app.client({ roles: ['user', 'operator'] });
  const stream = await EventStreamClient.open(app.url, client.token);
  const receiver = await Receiver.start();
  await subscribe(client, receiver.url);
  const seen = {
    writes: await writes(client),
    keyed: await keyed(client),
    imports: await imports(client),
    streamed: await sawAll(() => stream.events.map(({ event }) => event)),
    delivered: await sawAll(() => receiver.received.map(({ event }) => event.type)),
    dead: await deadLetters(client, DeadJobs.of({ variables: direct })),
    looks: await looks(app, client),
  };
  stream.close();
  await receiver.close();
  return seen;
}

async function writes(client: Client): Promise<string[]> {
  const customerId = await existingCustomer(client);
  const path = `/api/customer/${customerId}`;
  const visit = { spent: 1, visits: 1, at: '2026-01-31T12:00:00Z', eventId: 'once' };
  const jobs = [
    await outcomeOf(client, await client.patch(path, { name: 'Another' })),
    await outcomeOf(client, await client.post(`${path}/stats?priority=high`, visit)),
    await outcomeOf(client, await client.delete(path)),
    await outcomeOf(client, await client.post('/api/customer?priority=low', buildCustomer())),
  ];
  return jobs.map(({ status }) => status);
}

/** @returns whether the second answer is the first one, and what another body is answered */
async function keyed(client: Client): Promise<[boolean, number]> {
  const body = buildCustomer();
  const first = await withKey(client, 'key', ['POST', '/api/customer', body]);
  const again = await withKey(client, 'key', ['POST', '/api/customer', body]);
  const other = await withKey(client, 'key', ['POST', '/api/customer', buildCustomer()]);
  return [first.body.data.jobId === again.body.data.jobId, other.status];
}

async function imports(client: Client) {
  const importId = await acceptedImport(client, buildCsv({ rows: 2_500 }));
  const done = await waitForImport(client, importId);
  await undo(client, importId);
  const undone = await waitFor(
    'the undo to end',
    () => undoOf(client, importId),
    ({ status }) => status === 'completed',
  );
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  const later = await acceptedImport(client, buildCsv({ rows: 2_500 }), `?runAt=${soon}`);
  await client.post(`/api/customer/imports/${later}/cancel`);
  const cancelled = await waitForImport(client, later);
  return {
    ...{ done: done.status, created: done.counts.created },
    ...{ undone: undone.status, cancelled: cancelled.status },
  };
}

function sawAll(types: () => string[]): Promise<boolean> {
  const expected = ['customer.created', 'customer.stats.updated', 'customer.deleted'];
  return waitFor(
    'the events to come',
    () => Promise.resolve(expected.every((type) => types().includes(type))),
    (all) => all,
  );
}

const LETTERS = '/api/queue/customer.jobs/dead-letter';

async function deadLetters(client: Client, jobs: DeadJobs) {
  const jobId = `dead-${Date.now()}`;
  const list = async (): Promise<{ jobId: string; failedAt: string }[]> =>
    (await client.get(LETTERS)).body.data.items;
  const died = (after = '') =>
    waitFor('the job to be dead', list, ([letter]) => letter !== undefined && letter.failedAt > after);
  await jobs.queue.add('NO_SUCH_JOB', {}, { jobId });
  const listed = await died();
  const retried = await client.post(`${LETTERS}/retry`, { jobIds: [jobId] });
  const again = await died(listed[0]?.failedAt);
  const removed = await client.delete(`${LETTERS}/${jobId}`);
  const left = await list();
  await jobs.close();
  return {
    ...{ listed: listed.length, retried: retried.status, again: again.length },
    ...{ removed: removed.status, left: left.length },
  };
}

/** @returns what was not answered with 200 */
async function looks(app: TestApp, client: Client): Promise<Record<string, number>> {
  const pages = [
    ...['/health/ready', '/metrics', '/api/queue/health', '/api/queue/stats', '/api/queue/system-status'],
    ...['/api/queue/customer.jobs/details', '/api/customer/imports', '/api/webhooks', '/api/queue/audit'],
  ];
  const visitor = await Visitor.signIn(app.url, { user: 'admin', password: ADMIN_PASSWORD });
  const cockpit = [
    ...['/admin/api/overview', '/admin/api/overview/hour', '/admin/api/schedules', '/admin/api/jobs?error=x'],
    ...['/admin/api/audit', '/admin/api/dead-letters?queue=customer.jobs', '/admin/queues/api/queues'],
  ];
  const answers = await Promise.all([
    ...pages.map(async (page): Promise<[string, number]> => [page, (await client.get(page)).status]),
    ...cockpit.map(async (page): Promise<[string, number]> => [page, (await visitor.get(page)).status]),
  ]);
  return Object.fromEntries(answers.filter(([, status]) => status !== 200));
}
