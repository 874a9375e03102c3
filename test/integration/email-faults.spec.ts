import { existingCustomer } from '../helpers/customers';
import { emailQueueOf, newAddress, wants } from '../helpers/emails';
import { startTcpProxy, type TcpProxy } from '../helpers/tcp-proxy';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { TestMailServer } from '../helpers/test-mail-server';
import { newTenant } from '../helpers/tokens';
import { waitFor } from '../helpers/wait';

const DEAD_LETTERS = '/api/queue/email.messages/dead-letter';

describe('an e-mail that can not be sent', () => {
  let mail: TestMailServer;
  let proxy: TcpProxy;
  let app: TestApp;
  let emails: ReturnType<typeof emailQueueOf>;

  beforeEach(async () => {
    mail = await TestMailServer.start();
    proxy = await startTcpProxy(mail.url);
    app = await createTestApp({ variables: { SMTP_URL: mail.urlAt(proxy.port), SMTP_TIMEOUT_MS: '500' } });
    emails = emailQueueOf(app);
  });

  afterEach(async () => {
    await emails.close();
    await app.close();
    await proxy.close();
    await mail.close();
  });

  /** Of a customer that was created. @returns the addresses that are told */
  const cause = async (addresses = 1, service = app): Promise<string[]> => {
    const client = service.client({ tenantId: newTenant() });
    const to = Array.from({ length: addresses }, newAddress);
    await wants(client, to, ['customer.created']);
    await existingCustomer(client);
    return to;
  };
  const until = (
    state: 'completed' | 'failed' | 'delayed' | 'waiting' | 'prioritized' | 'active',
    count = 1,
  ) =>
    waitFor(
      `${count} jobs to be ${state}`,
      () => emails.queue.getJobCountByTypes(state),
      (seen) => seen === count,
    );
  const deadLetters = async () =>
    (await app.client({ roles: ['operator'] }).get(DEAD_LETTERS)).body.data.items;

  it('is tried again when the server says not now, and arrives once', async () => {
    mail.answer = () => (mail.asked === 1 ? 450 : undefined);

    const [address = ''] = await cause();
    await mail.until(address);
    await until('completed');

    expect({ asked: mail.asked, arrived: mail.to(address).length }).toEqual({ asked: 2, arrived: 1 });
  });

  it('is a dead letter at once when the server says never, which names nobody', async () => {
    mail.answer = () => 550;

    const [address = ''] = await cause();
    await until('failed');
    const [dead] = await deadLetters();

    expect(mail.asked).toBe(1);
    expect(dead).toMatchObject({ attempts: 1, error: expect.stringMatching(/550.*No mail for/) });
    expect(JSON.stringify(dead)).not.toContain(address);
  });

  it('is sent by a replay of its dead letter', async () => {
    mail.answer = () => 550;
    const [address = ''] = await cause();
    await until('failed');

    mail.answer = () => undefined;
    await app.client({ roles: ['operator'] }).post(`${DEAD_LETTERS}/retry`);

    expect(await mail.until(address)).toHaveLength(1);
  });

  it('reaches those once whom the server knows, and is tried again for the others alone', async () => {
    let busy = 2;
    mail.answer = (address) => (address === refused && busy-- > 0 ? 450 : undefined);
    const client = app.client({ tenantId: newTenant() });
    const [taken, refused] = [newAddress(), newAddress()];
    await wants(client, [taken, refused], ['customer.created']);

    await existingCustomer(client);
    await mail.until(refused);
    await until('completed');

    expect([mail.to(taken), mail.to(refused)].map(({ length }) => length)).toEqual([1, 1]);
  });

  it('waits for a server that is away, and does not keep customers waiting', async () => {
    proxy.cut();
    const [address = ''] = await cause();
    await until('delayed');
    const ready = await app.client().get('/health/ready');

    proxy.restore();

    expect(ready.status).toBe(200);
    expect(await mail.until(address)).toHaveLength(1);
  });

  it('is tried again when the server hangs', async () => {
    proxy.freeze();
    const [address = ''] = await cause();
    await until('delayed');

    proxy.restore();

    expect(await mail.until(address)).toHaveLength(1);
  });

  it('is not given up for a password that is wrong, which says nothing about it', async () => {
    const wrong = await createTestApp({ variables: { SMTP_URL: mail.urlAt(proxy.port, 'wrong') } });
    const queue = emailQueueOf(wrong);

    await cause(1, wrong);
    const [waiting] = await waitFor(
      'the second attempt to wait',
      () => queue.queue.getDelayed(),
      ([job]) => job?.attemptsMade === 1,
    );
    await queue.close();
    await wrong.close();

    expect(waiting?.failedReason).toMatch(/535 EAUTH/);
    expect(mail.asked).toBe(0);
  });

  it('is handed back by a worker that stops, and sent by the next', async () => {
    const api = await createTestApp({ role: 'api', variables: { SMTP_URL: mail.urlAt(proxy.port) } });
    const own = emailQueueOf(api);
    const worker = await createTestApp({ role: 'worker', variables: api.variables });
    proxy.freeze();
    const [address = ''] = await cause(1, api);
    await waitFor(
      'the e-mail to be under way',
      () => own.queue.getActiveCount(),
      (active) => active === 1,
    );

    await worker.close();
    const waiting = await own.queue.getJobCountByTypes('waiting', 'prioritized');
    proxy.restore();
    const next = await createTestApp({ role: 'worker', variables: api.variables });
    const received = await mail.until(address);
    await next.close();
    await own.close();
    await api.close();

    expect(waiting).toBe(1);
    expect(received).toHaveLength(1);
  });
});

describe('e-mails in number', () => {
  let mail: TestMailServer;

  beforeAll(async () => {
    mail = await TestMailServer.start();
  });

  afterAll(async () => {
    await mail.close();
  });

  it('are sent at the rate that is set, while the others wait and the worker stays live', async () => {
    const variables = { SMTP_URL: mail.url, EMAILS_PER_MINUTE: '2', WORKER_WEDGED_AFTER_MS: '100' };
    const app = await createTestApp({ variables });
    const { queue, close } = emailQueueOf(app);
    const client = app.client();
    const address = newAddress();
    await wants(client, [address], ['customer.created']);

    for (let customer = 0; customer < 5; customer++) await existingCustomer(client);
    await mail.until(address, 2);
    const limitedForMs = await waitFor(
      'the limit',
      () => queue.getRateLimitTtl(2),
      (ms) => ms > 0 && ms < 59_500,
    );
    const [waiting, live] = await Promise.all([
      queue.getJobCountByTypes('waiting', 'prioritized'),
      app.client().get('/health/live'),
    ]);
    await close();
    await app.close();

    expect(limitedForMs).toBeLessThanOrEqual(60_000);
    expect({ waiting, sent: mail.to(address).length, live: live.status }).toEqual({
      waiting: 3,
      sent: 2,
      live: 200,
    });
  });

  it('are dropped beyond the share of their tenant and type, and others still go', async () => {
    const app = await createTestApp({ variables: { SMTP_URL: mail.url, EMAILS_PER_TENANT_PER_HOUR: '2' } });
    const { queue, close } = emailQueueOf(app);
    const [greedy, modest] = [app.client(), app.client()];
    const [many, few] = [newAddress(), newAddress()];
    await wants(greedy, [many], ['customer.created']);
    await wants(modest, [few], ['customer.created']);

    for (let customer = 0; customer < 4; customer++) await existingCustomer(greedy);
    await existingCustomer(modest);
    await mail.until(few);
    await waitFor(
      'the queue to be empty',
      () => queue.getJobCountByTypes('waiting', 'active', 'prioritized'),
      (left) => left === 0,
    );
    await close();
    await app.close();

    expect([mail.to(many), mail.to(few)].map(({ length }) => length)).toEqual([2, 1]);
  });

  it('of a tenant with few go before those of one with many', async () => {
    const api = await createTestApp({ role: 'api', variables: { SMTP_URL: mail.url } });
    const { queue, close } = emailQueueOf(api);
    const [greedy, modest] = [api.client(), api.client({ tenantId: 'modest' })];
    await wants(greedy, [newAddress()], ['customer.created']);
    await wants(modest, [newAddress()], ['customer.created']);
    const idle = { SMTP_URL: mail.url, EMAILS_PER_MINUTE: '1' };
    const worker = await createTestApp({ role: 'worker', variables: { ...api.variables, ...idle } });

    for (let customer = 0; customer < 4; customer++) await existingCustomer(greedy);
    await existingCustomer(modest);
    const waiting = await queue.getPrioritized();
    await worker.close();
    await close();
    await api.close();

    expect(waiting.map(({ data }) => data.tenantId === 'modest')).toEqual([true, false, false, false]);
  });
});
