import { Receiver, verified } from '../helpers/receiver';
import { newTenant } from '../helpers/tokens';
import { waitFor } from '../helpers/wait';
import { deliveriesOf, sendTest, subscribe, untilDelivery, WebhookStage } from '../helpers/webhook-stage';

const CREATED = { types: ['customer.created'] };

describe('webhooks', () => {
  let stage: WebhookStage;
  let receiver: Receiver;

  beforeAll(async () => {
    stage = await WebhookStage.open();
  });

  afterAll(async () => {
    await stage.close();
  });

  beforeEach(async () => {
    receiver = await Receiver.start();
  });

  afterEach(async () => {
    await receiver.close();
  });

  describe('410', () => {
    it('disables the webhook, says why, and ends the delivery', async () => {
      const client = stage.client();
      const { id } = await subscribe(client, receiver.url, CREATED);
      receiver.answerWith(410);

      const deliveryId = await sendTest(client, id);
      await untilDelivery(client, id, deliveryId, 'dead');
      const { body } = await client.get(`/api/webhooks/${id}`);
      const job = await waitFor(
        'the job to end',
        () => stage.queue.getJob(deliveryId),
        (one) => one?.returnvalue != null,
      );

      expect(body.data).toMatchObject({ enabled: false, disabledReason: 'The receiver answered 410 Gone.' });
      expect(job?.returnvalue).toEqual({ outcome: 'webhook-disabled' });
      expect(receiver.received).toHaveLength(1);
    });

    it('is mended by enabling the webhook again', async () => {
      const client = stage.client();
      const { id } = await subscribe(client, receiver.url, CREATED);
      receiver.answerWith(410, 200);
      await untilDelivery(client, id, await sendTest(client, id), 'dead');

      const enabled = await client.patch(`/api/webhooks/${id}`, { enabled: true });

      expect(enabled.body.data).toMatchObject({ enabled: true, disabledReason: null });
      await untilDelivery(client, id, await sendTest(client, id), 'delivered');
    });
  });

  it('410 of a URL that was changed meanwhile does not disable the webhook, and the delivery goes to the new one', async () => {
    const client = stage.client();
    const other = await Receiver.start();
    const { id } = await subscribe(client, receiver.url, CREATED);
    receiver.answer = (response) => {
      void client.patch(`/api/webhooks/${id}`, { url: other.url }).then(() => response.writeHead(410).end());
    };

    const { attempts } = await untilDelivery(client, id, await sendTest(client, id), 'delivered');

    expect(attempts.map(({ status }) => status)).toEqual([410, 204]);
    expect((await client.get(`/api/webhooks/${id}`)).body.data.enabled).toBe(true);
    await other.close();
  });

  describe('a secret', () => {
    it('is shown once, when the webhook is made', async () => {
      const client = stage.client();
      const { id, secret } = await subscribe(client, receiver.url);

      const later = await Promise.all([
        client.get('/api/webhooks'),
        client.get(`/api/webhooks/${id}`),
        client.patch(`/api/webhooks/${id}`, { description: 'Ours' }),
      ]);

      expect(secret).toMatch(/^whsec_[\w+/]{43}=$/);
      expect(JSON.stringify(later)).not.toContain(secret.slice(6));
      expect(JSON.stringify(later)).not.toContain('whsec_');
    });

    it('is replaced by a new one, and signs beside it for a day', async () => {
      const client = stage.client();
      const { id, secret } = await subscribe(client, receiver.url, CREATED);

      const rotated = await client.patch(`/api/webhooks/${id}`, { rotateSecret: true });
      await sendTest(client, id);
      const [received] = await receiver.until(1);

      if (!received) throw new Error('Nothing was received');
      const { secret: newSecret, previousSecretUntil } = rotated.body.data;
      expect(newSecret).not.toBe(secret);
      expect(String(received.headers['webhook-signature']).split(' ')).toHaveLength(2);
      for (const one of [secret, newSecret]) expect(verified(received, one).type).toBe('customer.queue.test');
      expect(Math.round((Date.parse(previousSecretUntil) - Date.now()) / 3_600_000)).toBe(24);
    });
  });

  it('keep their new secret when the rotation is sent again with its Idempotency-Key', async () => {
    const client = stage.client();
    const { id } = await subscribe(client, receiver.url, CREATED);
    const rotate = () =>
      client.fetch(`/api/webhooks/${id}`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json', 'idempotency-key': 'rotate' },
        body: JSON.stringify({ rotateSecret: true }),
      });

    const [first, second] = [await rotate(), await rotate()];

    expect(first.status).toBe(200);
    expect(second.body).toEqual(first.body);
  });

  describe('a test event', () => {
    it('goes to one webhook alone, whatever its types', async () => {
      const client = stage.client();
      const other = await Receiver.start();
      await subscribe(client, other.url);
      const { id } = await subscribe(client, receiver.url, CREATED);

      const answer = await client.post(`/api/webhooks/${id}/test`);
      const [received] = await receiver.until(1);

      expect(answer).toMatchObject({ status: 202, body: { data: { status: 'pending' } } });
      expect(answer.headers.get('location')).toBe(`/api/webhooks/${id}/deliveries`);
      expect(received?.event).toMatchObject({ type: 'customer.queue.test', id: answer.body.data.eventId });
      expect(other.received).toHaveLength(0);
      await other.close();
    });

    it('is sent once per Idempotency-Key', async () => {
      const client = stage.client();
      const { id } = await subscribe(client, receiver.url, CREATED);
      const post = () =>
        client.fetch(`/api/webhooks/${id}/test`, { method: 'POST', headers: { 'idempotency-key': 'once' } });

      const [first, second] = [await post(), await post()];

      expect(second.body).toEqual(first.body);
      expect(await deliveriesOf(client, id)).toHaveLength(1);
    });
  });

  describe('a replay', () => {
    it('sends a delivery again as another one, with the same webhook-id', async () => {
      const client = stage.client();
      const { id, secret } = await subscribe(client, receiver.url, CREATED);
      const deliveryId = await sendTest(client, id);
      await untilDelivery(client, id, deliveryId, 'delivered');

      const answer = await client.post(`/api/webhooks/${id}/deliveries/${deliveryId}/replay`);
      const [first, second] = await receiver.until(2);
      const again = await untilDelivery(client, id, answer.body.data.deliveryId, 'delivered');

      if (!first || !second) throw new Error('Not received twice');
      expect(answer.status).toBe(202);
      expect(second.headers['webhook-id']).toBe(first.headers['webhook-id']);
      expect(verified(second, secret)).toEqual(verified(first, secret));
      expect(again).toMatchObject({ replayOf: deliveryId, eventId: first.event.id });
    });

    it('needs a delivery that is there, and an event that is kept', async () => {
      const client = stage.client();
      const { id } = await subscribe(client, receiver.url, CREATED);
      const deliveryId = await sendTest(client, id);
      await untilDelivery(client, id, deliveryId, 'delivered');
      await waitFor(
        'the job to end',
        async () => (await stage.queue.getJob(deliveryId))?.getState(),
        (state) => state === 'completed',
      );

      await (await stage.queue.getJob(deliveryId))?.remove();
      const gone = await client.post(`/api/webhooks/${id}/deliveries/${deliveryId}/replay`);
      const unknown = await client.post(`/api/webhooks/${id}/deliveries/${crypto.randomUUID()}/replay`);

      expect([gone.status, unknown.status]).toEqual([410, 404]);
    });
  });

  describe('a webhook that is deleted or disabled', () => {
    it.each([
      [
        'webhook-gone',
        (client: ReturnType<WebhookStage['client']>, id: string) => client.delete(`/api/webhooks/${id}`),
      ],
      [
        'webhook-disabled',
        (client: ReturnType<WebhookStage['client']>, id: string) =>
          client.patch(`/api/webhooks/${id}`, { enabled: false }),
      ],
    ])('gets nothing of what waits for it: %s', async (outcome, end) => {
      const client = stage.client();
      const { id } = await subscribe(client, receiver.url, CREATED);
      receiver.answer = (response) => response.writeHead(503, { 'retry-after': '3600' }).end();
      const deliveryId = await sendTest(client, id);
      await untilDelivery(client, id, deliveryId, 'failed');

      const answer = await end(client, id);
      await (await stage.queue.getJob(deliveryId))?.promote();
      const job = await waitFor(
        'the job to end',
        () => stage.queue.getJob(deliveryId),
        (one) => one?.returnvalue != null,
      );

      expect(answer.status).toBe(200);
      expect(job?.returnvalue).toEqual({ outcome });
      expect(receiver.received).toHaveLength(1);
    });

    it('can not be tested while it is disabled, and is not there when it is deleted', async () => {
      const client = stage.client();
      const { id } = await subscribe(client, receiver.url, CREATED);

      await client.patch(`/api/webhooks/${id}`, { enabled: false });
      const disabled = await client.post(`/api/webhooks/${id}/test`);
      await client.delete(`/api/webhooks/${id}`);
      const deleted = await client.get(`/api/webhooks/${id}`);

      expect([disabled.status, deleted.status]).toEqual([409, 404]);
    });
  });

  it('tell a tenant nothing of those of others', async () => {
    const client = stage.client(newTenant());
    const { id } = await subscribe(client, receiver.url);
    const deliveryId = await sendTest(client, id);
    const stranger = stage.client(newTenant());

    const answers = await Promise.all([
      stranger.get(`/api/webhooks/${id}`),
      stranger.patch(`/api/webhooks/${id}`, { enabled: false }),
      stranger.delete(`/api/webhooks/${id}`),
      stranger.post(`/api/webhooks/${id}/test`),
      stranger.get(`/api/webhooks/${id}/deliveries`),
      stranger.post(`/api/webhooks/${id}/deliveries/${deliveryId}/replay`),
    ]);

    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(404));
    expect((await stranger.get('/api/webhooks')).body.data.items).toEqual([]);
    expect((await client.get(`/api/webhooks/${id}`)).body.data.enabled).toBe(true);
  });
});
