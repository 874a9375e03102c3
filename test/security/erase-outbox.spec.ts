import { hash, randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import { EMAIL_QUEUE } from '../../src/emails/email-jobs';
import { WEBHOOK_QUEUE } from '../../src/webhooks/webhook-jobs';
import { buildCsv } from '../factories/csv';
import type { Answer } from '../helpers/client';
import { acceptedImport, outcomeOf } from '../helpers/customers';
import { newAddress, wants } from '../helpers/emails';
import { Everything } from '../helpers/everything';
import { startOwnRedis } from '../helpers/own-redis';
import { profile } from '../helpers/profiled';
import { createTestApp } from '../helpers/test-app';
import { UndoStage } from '../helpers/undo-stage';
import { deliveriesOf, LOCAL, subscribe } from '../helpers/webhook-stage';
import { waitFor, waitForImport } from '../helpers/wait';

/** Nobody listens there: what is to be sent waits. */
const NOWHERE = '127.0.0.1:9';

describe('what is to be sent about a customer that is erased', () => {
  let stage: UndoStage;
  let everything: Everything;
  let queues: Queue[];

  beforeAll(async () => {
    // Of its own: it is searched from end to end.
    const redis = await startOwnRedis();
    const variables = { ...LOCAL, SMTP_URL: `smtp://${NOWHERE}`, REDIS_URL: redis.url };
    stage = await UndoStage.build(variables);
    everything = await Everything.of(stage.api);
    const prefix = stage.api.variables.QUEUE_PREFIX ?? '';
    queues = [WEBHOOK_QUEUE, EMAIL_QUEUE].map(
      (name) => new Queue(name, { connection: everything.redis, prefix }),
    );
  });

  afterAll(async () => {
    for (const queue of queues) await queue.close();
    await everything.close();
    await stage.close();
  });

  const jobsAbout = async (customerId: string): Promise<string[]> => {
    const jobs = await Promise.all(queues.map((queue) => queue.getJobs()));
    return jobs
      .flat()
      .filter(({ data }) => JSON.stringify(data).includes(`"customerId":"${customerId}"`))
      .map(({ data }) => (data as { event: { type: string } }).event.type)
      .sort();
  };

  it('is withdrawn, and all else is sent as before', async () => {
    const client = stage.enter();
    const { id } = await subscribe(client, `http://${NOWHERE}`);
    await wants(client, [newAddress()], ['customer.created']);
    const mark = `mark${randomUUID()}`;
    const customerId = await stage.customer({ name: mark, email: `${mark}@example.com` });
    const other = await stage.customer();
    expect(await jobsAbout(customerId)).toEqual([
      'customer.created',
      'customer.created',
      'customer.validation.success',
    ]);

    await client.delete(`/api/customer/${customerId}?erase=true`);
    await stage.deliveries.drain();

    expect(await everything.saying(mark)).toEqual([]);
    expect(await jobsAbout(customerId)).toEqual(['customer.deleted', 'customer.validation.success']);
    expect(await jobsAbout(other)).toHaveLength(3);
    const log = await deliveriesOf(client, id);
    expect(log.filter(({ eventId }) => eventId.startsWith(customerId)).map(({ status }) => status)).toEqual([
      'dead',
      'dead',
    ]);
  });

  it('is withdrawn when it is a dead letter', async () => {
    const client = stage.enter();
    await subscribe(client, `http://${NOWHERE}`, { types: ['customer.created'] });
    const mark = `mark${randomUUID()}`;
    const customerId = await stage.customer({ name: mark, email: `${mark}@example.com` });
    const [webhooks] = queues as [Queue];
    for (const { id = '' } of await webhooks.getWaiting())
      await everything.redis
        .multi()
        .lrem(webhooks.toKey('wait'), 1, id)
        .zadd(webhooks.toKey('failed'), Date.now(), id)
        .exec();

    await client.delete(`/api/customer/${customerId}?erase=true`);
    await stage.deliveries.drain();

    expect(await everything.saying(mark)).toEqual([]);
  });
});

describe('a customer that is erased beside other writes', () => {
  let stage: UndoStage;
  let everything: Everything;

  beforeAll(async () => {
    stage = await UndoStage.build();
    everything = await Everything.of(stage.api);
  });

  afterAll(async () => {
    await everything.close();
    await stage.close();
  });

  it('leaves nothing of what a dry run that goes on has of it', async () => {
    stage.enter();
    const mark = `mark${randomUUID()}`;
    const customerId = await stage.customer({ name: mark, email: `${mark}@example.com` });
    await everything.rehearse(stage.tenantId, `${mark}@example.com`, mark);

    await stage.client.delete(`/api/customer/${customerId}?erase=true`);
    await stage.deliveries.drain();

    expect(await everything.saying(mark)).toEqual([]);
  });

  it('leaves what a customer that lives has of the time when it had the email', async () => {
    const client = stage.enter();
    const email = `${randomUUID()}@example.com`;
    const former = await stage.customer({ name: 'Former', email });
    await client.patch(`/api/customer/${former}`, { email: `new-${email}` });
    await stage.deliveries.drain();
    const told = await everything.eventsOf(former);
    const customerId = await stage.customer({ name: 'Erased', email });

    await client.delete(`/api/customer/${customerId}?erase=true`);
    await stage.deliveries.drain();

    expect(told).toContainEqual(expect.objectContaining({ data: expect.objectContaining({ email }) }));
    expect(await everything.eventsOf(former)).toEqual(told);
    expect(await stage.stores.queue.getJobState(former)).toBe('completed');
    expect(await everything.eventsOf(customerId)).toEqual([]);
  });

  it('takes a create with its email with it that is planned, and leaves what a customer that lives has planned', async () => {
    const client = stage.enter();
    const email = `${randomUUID()}@example.com`;
    const customerId = await stage.customer({ email });
    const other = await stage.customer();
    const planned = `?runAt=${new Date(Date.now() + 3_600_000).toISOString()}`;
    const create = (await client.post(`/api/customer${planned}`, { name: 'Planned', email })).body.data.jobId;
    const change = (await client.patch(`/api/customer/${other}${planned}`, { email })).body.data.jobId;
    const { jobId } = (await client.delete(`/api/customer/${customerId}?erase=true`)).body.data;

    await stage.deliveries.deliver(jobId);

    expect(await stage.stores.queue.getJobState(create)).toBe('unknown');
    expect(await stage.stores.queue.getJobState(change)).toBe('delayed');
  });

  it('refuses what comes for it, late or later, and keeps nothing of that', async () => {
    const client = stage.enter();
    const mark = `mark${randomUUID()}`;
    const customerId = await stage.customer();
    const late = (await client.patch(`/api/customer/${customerId}`, { name: mark })).body.data.jobId;
    const copies = await everything.copyJobs(stage.stores.queue, [late]);
    await stage.deliveries.drain();
    await client.delete(`/api/customer/${customerId}?erase=true`);
    await stage.deliveries.drain();

    await copies.putBack();
    const later = (await client.patch(`/api/customer/${customerId}`, { name: mark })).body.data.jobId;
    await stage.deliveries.drain();

    for (const jobId of [late, later])
      expect((await client.get(`/api/jobs/${jobId}`)).body.data).toMatchObject({
        ...{ status: 'failed', error: { reason: 'CUSTOMER_ERASED' } },
      });
    expect(await everything.saying(mark)).toEqual([]);
  });

  it('leaves a tombstone that says when, and nothing of whom but a hash of the email', async () => {
    const client = stage.enter();
    const email = `${randomUUID()}@example.com`;
    const customerId = await stage.customer({ email, phone: '555-0100', tags: ['vip'] });
    await client.post(`/api/customer/${customerId}/stats`, {
      ...{ spent: '10.10', visits: 1, at: '2026-01-31T12:00:00Z' },
    });
    await stage.deliveries.drain();

    await client.delete(`/api/customer/${customerId}?erase=true`);
    await stage.deliveries.drain();

    const [tombstone] = await stage.stores.customersOf(stage.tenantId);
    expect(tombstone).toEqual({
      ...{ _id: customerId, tenantId: stage.tenantId, name: '', email: '', attributes: {} },
      stats: { spendCents: 0, visits: 0, lastVisit: null },
      ...{ order: expect.any(Number), deletedOrder: expect.any(Number), revision: expect.any(Number) },
      ...{ createdAt: expect.any(Date), updatedAt: expect.any(Date) },
      ...{ deletedAt: expect.any(Date), erasedAt: expect.any(Date) },
      erasedEmails: [hash('sha256', `${stage.tenantId}\n${email}`, 'base64url')],
    });
  });

  it('is looked for by each chunk of an older file in the report of that chunk alone', async () => {
    // What is profiled is kept in its database.
    const alone = await UndoStage.build();
    const client = alone.enter();
    const customerId = await alone.customer();
    const importId = await acceptedImport(client, buildCsv({ rows: 3_200 }));
    const { jobId } = (await client.delete(`/api/customer/${customerId}?erase=true`)).body.data;
    await alone.deliveries.deliver(jobId);
    const profiled = await profile(alone.api.variables);

    await alone.deliveries.drain();

    const looks = (await profiled.seen()).filter(
      ({ op, ns, command }) => op === 'query' && ns.endsWith('.import_reports') && 'sort' in command,
    );
    await profiled.close();
    expect((await client.get(`/api/customer/imports/${importId}`)).body.data.status).toBe('completed');
    expect(looks.length).toBeGreaterThan(2);
    expect(Math.max(...looks.map(({ docsExamined = 0 }) => docsExamined))).toBe(1);
    await alone.close();
  });

  it('is for no worker that knows only deletes that hide', async () => {
    const client = stage.enter();
    const { body } = await client.delete(`/api/customer/${await stage.customer()}?erase=true`);

    const job = await stage.stores.queue.getJob(body.data.jobId);
    await stage.deliveries.drain();

    expect(job?.data).toMatchObject({ jobVersion: 2 });
  });

  it('is not written by a visit that was written down before, and counted late', async () => {
    const client = stage.enter();
    const customerId = await stage.customer();
    const visit = await client.post(`/api/customer/${customerId}/stats`, {
      spent: '10.10',
      visits: 1,
      at: '2026-01-31T12:00:00Z',
    });
    const late = await everything.copyJobs(stage.stores.queue, [visit.body.data.jobId]);
    await client.delete(`/api/customer/${customerId}?erase=true`);
    await stage.deliveries.drain();
    const at = new Date();
    const eventId = visit.body.data.jobId as string;
    await stage.stores.writeDownVisit({
      ...{
        _id: `${customerId}:${eventId}`,
        tenantId: stage.tenantId,
        spentCents: 1_010,
        visits: 1,
        at,
        order: 1,
      },
    });

    await late.putBack();
    await stage.deliveries.drain();

    expect(await everything.mongo.collection('customer_visits').countDocuments()).toBe(0);
  });

  it('refuses a late write the same when its worker dies before the queue is told', async () => {
    const client = stage.enter();
    const customerId = await stage.customer();
    await client.delete(`/api/customer/${customerId}?erase=true`);
    await stage.deliveries.drain();
    const late = [
      await client.patch(`/api/customer/${customerId}`, { name: 'Late' }),
      await client.post(`/api/customer/${customerId}/stats`, {
        spent: 1,
        visits: 1,
        at: '2026-01-31T12:00:00Z',
      }),
    ];
    // Delivered by hand: all is done but the last, which is to tell the queue.
    const untold = await Promise.all(
      late.map(({ body }) => stage.deliveries.deliver(String(body.data.jobId))),
    );

    await stage.deliveries.drain();

    const refused = { refused: { reason: 'CUSTOMER_ERASED', message: expect.any(String) } };
    expect(untold).toEqual([[refused], [refused]]);
    expect(await stage.stores.queue.getFailedCount()).toBe(0);
    const outcomes = await Promise.all(late.map((answer) => outcomeOf(client, answer)));
    expect(outcomes.map(({ status, error }) => [status, error.reason])).toEqual([
      ['failed', 'CUSTOMER_ERASED'],
      ['failed', 'CUSTOMER_ERASED'],
    ]);
  });

  it('is gone whatever is written to it at the same time', async () => {
    const worker = await createTestApp({ role: 'worker', variables: stage.api.variables });
    const client = stage.enter();
    const mark = `mark${randomUUID()}`;
    const email = `${mark}@example.com`;
    const { customerId } = (await client.post('/api/customer', { name: mark, email })).body.data;
    const importId = await acceptedImport(client, `name,email\n${mark},${email}\n,${email}\n`);
    const write = (phone: number) =>
      client.patch(`/api/customer/${customerId}`, { name: `${mark} ${phone}`, phone: `555-01${phone}` });

    const answers = await Promise.all([
      ...Array.from({ length: 20 }, (_, index) => write(10 + index)),
      client.delete(`/api/customer/${customerId}?erase=true`),
      ...Array.from({ length: 20 }, (_, index) => write(30 + index)),
    ]);
    const { status, result } = await outcomeOf(client, answers[20] as Answer);
    await waitForImport(client, importId);
    await waitFor(
      'the queue to be empty',
      () => stage.stores.queue.getJobCountByTypes('waiting', 'active', 'prioritized', 'delayed'),
      (left) => left === 0,
    );
    await worker.close();

    expect({ status, result }).toEqual({ status: 'completed', result: { customerId, erased: true } });
    expect(await stage.living()).toEqual([]);
    expect(await everything.saying(mark)).toEqual([]);
  }, 60_000);
});
