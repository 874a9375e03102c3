import { Receiver } from '../helpers/receiver';
import { waitFor } from '../helpers/wait';
import { createCustomer, deliveriesOf, sendTest, subscribe, WebhookStage } from '../helpers/webhook-stage';

describe('an event that is published again', () => {
  let stage: WebhookStage;
  let receiver: Receiver;

  beforeAll(async () => {
    stage = await WebhookStage.open({ WEBHOOK_DELIVERIES_KEPT: '2' });
    receiver = await Receiver.start();
  });

  beforeEach(() => {
    receiver.received.length = 0;
  });

  afterAll(async () => {
    await stage.close();
    await receiver.close();
  });

  const delivered = async () => {
    const client = stage.client();
    const { id } = await subscribe(client, receiver.url, { types: ['customer.created'] });
    await createCustomer(client);
    const [first] = await receiver.until(1);
    const [delivery] = await waitFor(
      'the delivery',
      () => deliveriesOf(client, id),
      ([one]) => one?.status === 'delivered',
    );
    const job = await waitFor(
      'the job to end',
      () => stage.queue.getJob(delivery?.id ?? ''),
      (one) => one?.returnvalue != null,
    );
    return { client, id, event: first?.event, job };
  };

  it('is not in the log for ever as one that is still to be sent, when its delivery left the log', async () => {
    const { client, id, event } = await delivered();
    for (const count of [2, 3]) {
      await sendTest(client, id);
      await receiver.until(count);
    }

    await stage.publish(event);

    expect((await deliveriesOf(client, id)).map(({ type }) => type)).toEqual(
      Array(2).fill('customer.queue.test'),
    );
  });

  it('is not sent again while the log knows its delivery, also when its job is not kept any more', async () => {
    const { client, id, event, job } = await delivered();
    await job?.remove();

    await stage.publish(event);
    await sendTest(client, id);
    await receiver.until(2);

    expect(receiver.received.map((one) => one.event.type)).toEqual([
      'customer.created',
      'customer.queue.test',
    ]);
  });
});
