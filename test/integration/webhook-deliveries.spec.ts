import { Receiver, verified } from '../helpers/receiver';
import { waitFor, waitForJob } from '../helpers/wait';
import {
  createCustomer,
  deliveriesOf,
  sendTest,
  subscribe,
  untilDelivery,
  WebhookStage,
} from '../helpers/webhook-stage';

/** Of what the API queues; what the worker of the stage queues has three. */
const TRIES = 10;
const CREATED = { types: ['customer.created'] };

describe('deliveries of webhooks', () => {
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

  describe('a delivery', () => {
    it('is the CloudEvent, signed so that a Standard Webhooks library verifies it', async () => {
      const client = stage.client();
      const { secret } = await subscribe(client, receiver.url, CREATED);

      const customerId = await createCustomer(client);
      const [received] = await receiver.until(1);

      if (!received) throw new Error('Nothing was received');
      expect(verified(received, secret)).toMatchObject({
        specversion: '1.0',
        type: 'customer.created',
        data: { customerId },
      });
      expect(received.body).toBe(JSON.stringify(received.event));
      expect(received).toMatchObject({
        path: '/hook?key=hush',
        headers: {
          'webhook-id': received.event.id,
          'webhook-timestamp': expect.stringMatching(/^\d{10}$/),
          'webhook-signature': expect.stringMatching(/^v1,[\w+/]{43}=$/),
          'content-type': 'application/json',
          'user-agent': expect.stringMatching(/^InsightCRM-Webhooks\/\d/),
          connection: 'close',
        },
      });
    });

    it('is made of events of the types that were asked for, and of no others', async () => {
      const client = stage.client();
      await subscribe(client, receiver.url, { types: ['customer.validation.success', 'customer.created'] });
      const all = await Receiver.start();
      await subscribe(client, all.url);

      await waitForJob(client, await createCustomer(client));
      await client.upload('name,email\nAna,ana@example.com\n');
      await waitFor(
        'the import to be told of',
        () => Promise.resolve(all.received),
        (seen) => seen.some(({ event }) => event.type === 'customer.import.completed'),
      );

      const types = new Set(receiver.received.map(({ event }) => event.type));
      expect([...types].toSorted()).toEqual(['customer.created', 'customer.validation.success']);
      expect(all.received.map(({ event }) => event.type)).toContain('customer.import.queued');
      await all.close();
    });

    it('is not made of what happens to another tenant', async () => {
      const [client, other] = [stage.client(), stage.client()];
      await subscribe(client, receiver.url, CREATED);
      await subscribe(other, receiver.url, CREATED);

      const ofOther = await createCustomer(other);
      const own = await createCustomer(client);
      await receiver.until(2);

      const told = receiver.received.map(({ event }) => event.data);
      expect(told).toHaveLength(2);
      expect(told).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ customerId: ofOther }),
          expect.objectContaining({ customerId: own }),
        ]),
      );
    });

    it('comes again after an answer that is none, and the log tells of each try', async () => {
      const client = stage.client();
      const { id } = await subscribe(client, receiver.url, CREATED);
      receiver.answerWith(500, 204);

      await createCustomer(client);
      const tries = await receiver.until(2);
      const [delivery] = await waitFor(
        'the delivery',
        () => deliveriesOf(client, id),
        ([one]) => one?.status === 'delivered',
      );

      expect(new Set(tries.map(({ body }) => body)).size).toBe(1);
      expect(delivery).toMatchObject({
        type: 'customer.created',
        eventId: tries[0]?.event.id,
        nextAttemptAt: null,
        replayOf: null,
        attempts: [
          { status: 500, error: null, durationMs: expect.any(Number) },
          { status: 204, error: null },
        ],
      });
    });

    it('becomes a dead letter after its last try, which can be replayed from there', async () => {
      const client = stage.client();
      const { id } = await subscribe(client, receiver.url, CREATED);
      receiver.answerWith(500);

      await createCustomer(client);
      const [given] = await waitFor(
        'the delivery to be given up',
        () => deliveriesOf(client, id),
        ([one]) => one?.status === 'dead',
      );
      const deliveryId = given?.id ?? '';
      const tries = receiver.received.length;
      const dead = await client.get('/api/queue/webhook.deliveries/dead-letter');
      receiver.answerWith(200);
      await client.post('/api/queue/webhook.deliveries/dead-letter/retry', { jobIds: [deliveryId] });
      const { attempts } = await untilDelivery(client, id, deliveryId, 'delivered');

      expect(tries).toBe(3);
      expect(dead.body.data.items).toContainEqual(
        expect.objectContaining({
          jobId: deliveryId,
          error: 'Not delivered: the receiver answered 500',
          attempts: 3,
        }),
      );
      expect(attempts.map(({ status }) => status)).toEqual([500, 500, 500, 200]);
    });

    it('is one, however often its event is published', async () => {
      const client = stage.client();
      const { id } = await subscribe(client, receiver.url, CREATED);
      await createCustomer(client);
      const [first] = await receiver.until(1);
      const [delivery] = await waitFor(
        'the delivery',
        () => deliveriesOf(client, id),
        ([one]) => one?.status === 'delivered',
      );

      await Promise.all(Array.from({ length: 3 }, () => stage.publish(first?.event)));
      await sendTest(client, id);
      await receiver.until(2);

      expect((await deliveriesOf(client, id)).map(({ type }) => type)).toEqual([
        'customer.queue.test',
        'customer.created',
      ]);
      expect(receiver.received.map(({ event }) => event.type)).toEqual([
        'customer.created',
        'customer.queue.test',
      ]);
      expect(delivery?.attempts).toHaveLength(1);
    });

    it.each([301, 302, 307, 308])('does not follow a redirect: %i', async (status) => {
      const client = stage.client();
      const hidden = await Receiver.start();
      receiver.answer = (response) => response.writeHead(status, { location: hidden.url }).end();
      const { id } = await subscribe(client, receiver.url, { types: ['customer.deleted'] });

      const { attempts } = await untilDelivery(client, id, await sendTest(client, id), 'dead');

      expect(attempts.map((one) => one.status)).toEqual(Array(TRIES).fill(status));
      expect(hidden.connections).toBe(0);
      await hidden.close();
    });

    it('waits as long as a busy receiver asks for, and no longer try follows at once', async () => {
      const client = stage.client();
      receiver.answer = (response) => response.writeHead(503, { 'retry-after': '3600' }).end();
      const { id } = await subscribe(client, receiver.url, CREATED);

      const deliveryId = await sendTest(client, id);
      const { nextAttemptAt, attempts } = await untilDelivery(client, id, deliveryId, 'failed');

      const waitMs = Date.parse(nextAttemptAt ?? '') - Date.parse(attempts[0]?.at ?? '');
      expect(Math.round(waitMs / 60_000)).toBe(60);
      expect(await (await stage.queue.getJob(deliveryId))?.getState()).toBe('delayed');
    });

    it('is over when the status is there, whatever comes of the body', async () => {
      const client = stage.client();
      receiver.answer = (response) => {
        response.writeHead(200);
        const pour = (): void => {
          while (response.write('x'.repeat(64 * 1024)));
          response.once('drain', pour);
        };
        pour();
      };
      const { id } = await subscribe(client, receiver.url, CREATED);

      const { attempts } = await untilDelivery(client, id, await sendTest(client, id), 'delivered');

      expect(attempts[0]?.durationMs).toBeLessThan(5_000);
    });

    it('tells why there was no answer', async () => {
      const client = stage.client();
      const { id } = await subscribe(client, receiver.url, CREATED);
      await receiver.close();

      const { attempts } = await untilDelivery(client, id, await sendTest(client, id), 'dead');

      expect(attempts.map(({ status, error }) => [status, error])).toEqual(
        Array(TRIES).fill([null, 'ECONNREFUSED']),
      );
    });
  });
});
