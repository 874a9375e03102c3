import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import { EMAIL_QUEUE } from '../../src/emails/email-jobs';
import { WEBHOOK_QUEUE } from '../../src/webhooks/webhook-jobs';
import { newAddress, wants } from '../helpers/emails';
import { Everything } from '../helpers/everything';
import { UndoStage } from '../helpers/undo-stage';
import { deliveriesOf, LOCAL, subscribe } from '../helpers/webhook-stage';

/** Nobody listens there: what is to be sent waits. */
const NOWHERE = '127.0.0.1:9';

describe('what is to be sent about a customer that is erased', () => {
  let stage: UndoStage;
  let everything: Everything;
  let queues: Queue[];

  beforeAll(async () => {
    stage = await UndoStage.build({ ...LOCAL, SMTP_URL: `smtp://${NOWHERE}` });
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
});
