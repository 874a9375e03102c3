import type { Client } from '../helpers/client';
import { startProcess } from '../helpers/process';
import { Receiver, verified } from '../helpers/receiver';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitFor } from '../helpers/wait';
import { createCustomer, deliveriesOf, LOCAL, subscribe } from '../helpers/webhook-stage';

/** The lock of a job, and two looks for those without one. */
const FOUND_WITHIN_MS = 25_000;

describe('a worker that is killed while it delivers', () => {
  let api: TestApp;
  let receiver: Receiver;
  let client: Client;

  beforeAll(async () => {
    api = await createTestApp({ role: 'api', variables: LOCAL });
    receiver = await Receiver.start();
    client = api.client();
  });

  const startWorker = () => startProcess({ ...api.variables, APP_ROLE: 'worker', LOG_LEVEL: 'info' });

  it('has its delivery made by another, with the same id and no attempt used, and logs no URL and no secret', async () => {
    receiver.hang();
    const { id, secret } = await subscribe(client, receiver.url, { types: ['customer.created'] });
    const worker = await startWorker();
    await createCustomer(client);
    await receiver.until(1);

    worker.signal('SIGKILL');
    await worker.ended;
    receiver.answerWith(204);
    const another = await startWorker();
    const [first, second] = await receiver.until(2, { timeoutMs: FOUND_WITHIN_MS });
    const [delivery] = await waitFor(
      'the delivery to be written down',
      () => deliveriesOf(client, id),
      ([one]) => one?.status === 'delivered',
    );
    another.signal('SIGTERM');
    await another.ended;

    if (!first || !second) throw new Error('Not received twice');
    expect(verified(second, secret).id).toBe(first.event.id);
    expect(delivery?.attempts.map(({ status }) => status)).toEqual([204]);
    const line = another.lines().find(({ msg }) => msg === 'webhook delivery');
    expect(line).toMatchObject({ webhookId: id, outcome: 'delivered', status: 204, attempt: 1 });
    for (const hidden of ['hush', '/hook', secret, '@']) expect(another.output()).not.toContain(hidden);
  }, 60_000);
});
