import { Receiver } from '../helpers/receiver';
import { createTestApp } from '../helpers/test-app';
import { waitFor } from '../helpers/wait';
import {
  deliveriesOf,
  LOCAL,
  sendTest,
  subscribe,
  untilDelivery,
  WebhookStage,
} from '../helpers/webhook-stage';

const CREATED = { types: ['customer.created'] };
/** What hangs, and does not end while a test looks. */
const NEVER = { WEBHOOK_TIMEOUT_MS: '15000' };

describe('bounds of webhooks', () => {
  const waitingApi = (variables: Record<string, string>) =>
    createTestApp({ role: 'api', variables: { ...LOCAL, ...variables } });

  it('let a receiver that hangs hold up nobody else', async () => {
    const stage = await WebhookStage.open(NEVER);
    const [hanging, quick] = [await Receiver.start(), await Receiver.start()];
    hanging.hang();
    const client = stage.client();
    const slow = await subscribe(client, hanging.url, CREATED);
    const other = await subscribe(client, quick.url, CREATED);
    await Promise.all(Array.from({ length: 200 }, () => sendTest(client, slow.id)));
    await hanging.until(5);

    const startedAt = Date.now();
    await sendTest(client, other.id);
    const [received] = await quick.until(1);

    expect((received?.atMs ?? Infinity) - startedAt).toBeLessThan(1_000);
    expect(hanging.received).toHaveLength(5);
    expect((await deliveriesOf(client, slow.id, '?limit=200')).flatMap(({ attempts }) => attempts)).toEqual(
      [],
    );
    await stage.close();
    await Promise.all([hanging.close(), quick.close()]);
  });

  it('use up no attempt of deliveries that wait for their turn', async () => {
    const stage = await WebhookStage.open({ WEBHOOK_DELIVERIES_AT_ONCE: '2' });
    const receiver = await Receiver.start();
    receiver.answer = (response) => setTimeout(() => response.writeHead(204).end(), 20);
    const client = stage.client();
    const { id } = await subscribe(client, receiver.url, CREATED);

    await Promise.all(Array.from({ length: 20 }, () => sendTest(client, id)));
    const deliveries = await waitFor(
      'all to be delivered',
      () => deliveriesOf(client, id),
      (all) => all.every(({ status }) => status === 'delivered'),
    );

    expect(deliveries).toHaveLength(20);
    expect(deliveries.map(({ attempts }) => attempts.length)).toEqual(Array(20).fill(1));
    const jobs = await Promise.all(deliveries.map(({ id: deliveryId }) => stage.queue.getJob(deliveryId)));
    expect(new Set(jobs.map((job) => job?.attemptsMade))).toEqual(new Set([1]));
    await stage.close();
    await receiver.close();
  });

  it('refuse one more than WEBHOOKS_MAX, until one is deleted', async () => {
    const api = await waitingApi({ WEBHOOKS_MAX: '2' });
    const client = api.client();
    const url = 'https://8.8.8.8/';
    const { id } = await subscribe(client, url);
    await subscribe(client, url);

    const refused = await client.post('/api/webhooks', { url });
    await client.delete(`/api/webhooks/${id}`);
    const accepted = await client.post('/api/webhooks', { url });

    expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringContaining('2 webhooks') } });
    expect(accepted.status).toBe(201);
    await api.close();
  });

  it('drop what is new when too many deliveries wait, and count it', async () => {
    const api = await waitingApi({ WEBHOOK_MAX_WAITING: '2' });
    const client = api.client({ roles: ['operator'] });
    const { id } = await subscribe(client, 'https://8.8.8.8/');
    const kept = [await sendTest(client, id), await sendTest(client, id)];

    const refused = await client.post(`/api/webhooks/${id}/test`);
    await client.post('/api/queue/test/event');
    const { body } = await client.get(`/api/webhooks/${id}/deliveries`);

    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('60');
    expect(body.data.dropped).toBe(2);
    expect(body.data.items.map((one: { id: string }) => one.id).toReversed()).toEqual(kept);
    await api.close();
  });

  it('leave room to others when one tenant has many webhooks that take nothing', async () => {
    const api = await waitingApi({ QUEUE_MAX_WAITING: '40' });
    const [greedy, other] = [api.client(), api.client()];
    const url = 'https://8.8.8.8/';
    const many = await Promise.all(Array.from({ length: 10 }, () => subscribe(greedy, url)));
    const { id } = await subscribe(other, url);
    for (let time = 0; time < 8; time++)
      await Promise.all(many.map((one) => greedy.post(`/api/webhooks/${one.id}/test`)));

    const answer = await other.post(`/api/webhooks/${id}/test`);

    expect(answer.status).toBe(202);
    await api.close();
  });

  it('keep the last deliveries only, and show them by pages, newest first', async () => {
    const api = await waitingApi({ WEBHOOK_DELIVERIES_KEPT: '5' });
    const client = api.client();
    const { id } = await subscribe(client, 'https://8.8.8.8/');
    const begun: string[] = [];
    for (let time = 0; time < 8; time++) begun.push(await sendTest(client, id));

    const pages: string[][] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor === '' ? '?limit=2' : `?limit=2&cursor=${cursor}`;
      const { body } = await client.get(`/api/webhooks/${id}/deliveries${query}`);
      pages.push(body.data.items.map((one: { id: string }) => one.id));
      cursor = body.data.nextCursor;
    }

    expect(pages.map(({ length }) => length)).toEqual([2, 2, 1]);
    expect(new Set(pages.flat())).toEqual(new Set(begun.slice(3)));
    await api.close();
  });

  it.each([
    ['a type that is none', { types: ['customer.*'] }, 'types'],
    ['a type twice', { types: ['customer.created', 'customer.created'] }, 'types'],
    ['types that are no list', { types: 'customer.created' }, 'types'],
    ['a description that is too long', { description: 'x'.repeat(201) }, 'description'],
    ['a field that is none', { secret: 'whsec_mine' }, 'secret'],
    ['no URL', { url: undefined }, 'url'],
  ])('refuse %s', async (_, more, field) => {
    const api = await waitingApi({});

    const answer = await api.client().post('/api/webhooks', { url: 'https://8.8.8.8/', ...more });

    expect(answer.status).toBe(400);
    expect(answer.body.errors).toEqual([expect.objectContaining({ field })]);
    await api.close();
  });

  it('make one webhook of a request that is sent again with its key, and show its secret again', async () => {
    const api = await waitingApi({});
    const client = api.client();
    const post = () =>
      client.fetch('/api/webhooks', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': 'one' },
        body: JSON.stringify({ url: 'https://8.8.8.8/' }),
      });

    const [first, second] = [await post(), await post()];

    expect(second).toMatchObject({ status: 201, body: first.body });
    expect((await client.get('/api/webhooks')).body.data.items).toHaveLength(1);
    await api.close();
  });

  it('hand back what is under way when a worker stops, and it is sent again', async () => {
    const stage = await WebhookStage.open({ ...NEVER, SHUTDOWN_TIMEOUT_MS: '100' });
    const receiver = await Receiver.start();
    receiver.hang();
    const client = stage.client();
    const { id } = await subscribe(client, receiver.url, CREATED);
    const deliveryId = await sendTest(client, id);
    await receiver.until(1);

    await stage.restartWorker(() => {
      receiver.answerWith(204);
    });
    const { attempts } = await untilDelivery(client, id, deliveryId, 'delivered');

    expect(attempts).toHaveLength(1);
    expect(receiver.received).toHaveLength(2);
    await stage.close();
    await receiver.close();
  });
});
