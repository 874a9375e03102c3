import { randomUUID } from 'node:crypto';
import type { Answer, Client } from '../helpers/client';
import { CommandWatch } from '../helpers/command-watch';
import { acceptedImport, existingCustomer, outcomeOf } from '../helpers/customers';
import { DeadJobs } from '../helpers/dead-jobs';
import { EventStreamClient } from '../helpers/event-stream-client';
import { Receiver } from '../helpers/receiver';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { newTenant } from '../helpers/tokens';
import { waitFor, waitForImport } from '../helpers/wait';
import { createCustomer, deliveriesOf, LOCAL, sendTest, subscribe } from '../helpers/webhook-stage';

const VISIT = { spent: '1.00', visits: 1, at: '2026-01-31T12:00:00Z' };

/** What there is to be asked for by its id, and what is not refused with 404 since it is only queued. */
const CASES: Record<string, { of: Thing; body?: object; queued?: true }> = {
  'GET /api/customer/{id}': { of: 'customer' },
  'PATCH /api/customer/{id}': { of: 'customer', body: { name: 'Stolen' }, queued: true },
  'DELETE /api/customer/{id}': { of: 'customer', queued: true },
  'POST /api/customer/{id}/stats': { of: 'customer', body: VISIT, queued: true },
  'GET /api/jobs/{jobId}': { of: 'job' },
  'GET /api/customer/imports/{id}': { of: 'import' },
  'GET /api/customer/imports/{id}/results.csv': { of: 'import' },
  'GET /api/customer/imports/{id}/errors.csv': { of: 'import' },
  'GET /api/customer/imports/{id}/conflicts.csv': { of: 'import' },
  'POST /api/customer/imports/{id}/cancel': { of: 'import' },
  'POST /api/customer/imports/{id}/undo': { of: 'import' },
  'GET /api/webhooks/{id}': { of: 'webhook' },
  'PATCH /api/webhooks/{id}': { of: 'webhook', body: { enabled: false } },
  'DELETE /api/webhooks/{id}': { of: 'webhook' },
  'POST /api/webhooks/{id}/test': { of: 'webhook' },
  'GET /api/webhooks/{id}/deliveries': { of: 'webhook' },
  'POST /api/webhooks/{id}/deliveries/{deliveryId}/replay': { of: 'webhook' },
};
/** No tenant's: they are for who runs the service, and for nobody else. See function-level.spec.ts. */
const OF_THE_SERVICE = /^\w+ \/api\/queue\/\{queueName\}\//;

type Thing = 'customer' | 'job' | 'import' | 'webhook' | 'delivery';

describe('the id of another tenant', () => {
  const strangers = newTenant();
  const owners = newTenant();
  let app: TestApp;
  let receiver: Receiver;
  let owner: Client;
  let stranger: Client;
  let watch: CommandWatch;
  let ids: Record<Thing, string>;

  beforeAll(async () => {
    app = await createTestApp({ variables: LOCAL });
    receiver = await Receiver.start();
    owner = app.client({ tenantId: owners });
    stranger = app.client({ tenantId: strangers });
    const customer = await existingCustomer(owner);
    const importId = await acceptedImport(owner, `name,email\nA,a@example.com\nB,none\n`);
    await waitForImport(owner, importId);
    await owner.post(`/api/customer/imports/${importId}/undo`);
    const webhook = (await subscribe(owner, receiver.url)).id;
    const delivery = await sendTest(owner, webhook);
    ids = { customer, job: await createCustomer(owner), import: importId, webhook, delivery };
    await waitFor(
      'all to be still',
      async () => [
        (await owner.get(`/api/customer/imports/${importId}`)).body.data.undo?.status,
        (await deliveriesOf(owner, webhook)).map(({ status }) => status).join(),
        (await owner.get(`/api/jobs/${ids.job}`)).body.data.status,
      ],
      ([undo, deliveries, job]) =>
        undo === 'completed' && !/pending/.test(deliveries ?? '') && job === 'completed',
    );
    watch = await CommandWatch.on(app);
  });

  afterAll(async () => {
    await watch.close();
    await receiver.close();
    await app.close();
  });

  const send = (client: Client, route: string, id: string, deliveryId: string): Promise<Answer> => {
    const [method = '', path = ''] = route.split(' ');
    const { body } = CASES[route] ?? {};
    return client.fetch(path.replace('{deliveryId}', deliveryId).replace(/\{\w+\}/, id), {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
  };

  /** What a stranger learns of an answer, without what differs in each. */
  const learnedFrom = ({ status, headers, body }: Answer, id: string) => ({
    status,
    headers: [...headers.keys()].sort(),
    body: JSON.stringify({ ...body, requestId: undefined, data: { ...body.data, jobId: undefined } })
      .replaceAll(id, 'ID')
      .replaceAll(/"instance":"[^"]*"/g, ''),
  });

  /** How often each kind of command was sent about an id, which nobody asked about before. */
  const costOf = async (ask: () => Promise<unknown>, ...about: string[]) => {
    const before = await watch.about(...about);
    await ask();
    const after = await watch.about(...about);
    for (const command of before) after.splice(after.indexOf(command), 1);
    return after;
  };

  /** Waits until nothing more is done about what was accepted, which must have come to nothing. */
  const settled = async (answer: Answer) => {
    const { id, status, attempts, error } = await outcomeOf(stranger, answer);
    const refused = { status: 'failed', attempts: 1, error: { reason: 'CUSTOMER_NOT_FOUND' } };
    expect({ status, attempts, error }).toMatchObject(refused);
    await waitFor(
      'the end of the job to be written down',
      () => watch.about(id),
      (commands) => commands.some((command) => /^update .*job_history$/.test(command)),
    );
  };

  it('has a case for every route that takes one', async () => {
    const { paths } = (await owner.get('/openapi.json')).body as { paths: Record<string, object> };
    const routes = Object.entries(paths)
      .filter(([path]) => path.includes('{'))
      .flatMap(([path, item]) => Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`))
      .filter((route) => !OF_THE_SERVICE.test(route));

    expect(Object.keys(CASES).sort()).toEqual(routes.sort());
  });

  describe.each(Object.entries(CASES))('on %s', (route, { of, queued }) => {
    it('is answered as one that nobody has', async () => {
      const [none, noDelivery] = [randomUUID(), randomUUID()];

      const foreign = await send(stranger, route, ids[of], ids.delivery);
      const unknown = await send(stranger, route, none, noDelivery);
      if (queued) await Promise.all([settled(foreign), settled(unknown)]);

      expect(unknown.status).toBe(queued ? 202 : 404);
      expect(learnedFrom(foreign, ids[of])).toEqual(learnedFrom(unknown, none));
    });

    it('makes us ask our servers for the same, as often', async () => {
      const [none, noDelivery] = [randomUUID(), randomUUID()];
      const ask = async (id: string, deliveryId: string) => {
        const answer = await send(stranger, route, id, deliveryId);
        if (queued) await settled(answer);
      };

      const foreign = await costOf(() => ask(ids[of], ids.delivery), ids[of]);
      const unknown = await costOf(() => ask(none, noDelivery), none);

      expect(unknown.length).toBeGreaterThan(0);
      expect(foreign).toEqual(unknown);
    });
  });

  it('is as little known in the path of a webhook of one’s own', async () => {
    const { id: own } = await subscribe(stranger, receiver.url);
    const route = 'POST /api/webhooks/{id}/deliveries/{deliveryId}/replay';
    const none = randomUUID();

    const ask = async (id: string) => {
      expect((await send(stranger, route, own, id)).status).toBe(404);
    };

    const foreign = await costOf(() => ask(ids.delivery), ids.delivery);
    const unknown = await costOf(() => ask(none), none);

    expect(foreign).toEqual(unknown);
  });

  describe('that is one of a dead letter', () => {
    let jobs: DeadJobs;
    let deadId: string;

    beforeAll(async () => {
      jobs = DeadJobs.of(app);
      deadId = randomUUID();
      await jobs.queue.add('NO_SUCH_JOB', { tenantId: owners, name: 'Ana' }, { jobId: deadId });
      await waitFor(
        'it to die, and that to be written down',
        async () => [(await owner.get(`/api/jobs/${deadId}`)).body.data?.status, await watch.about(deadId)],
        ([status, commands]) =>
          status === 'failed' && commands.some((command: string) => /^update .*job_history$/.test(command)),
      );
    });

    afterAll(async () => {
      await jobs.close();
    });

    it('is answered as one that nobody has, at the same cost', async () => {
      const none = randomUUID();
      const ask = (id: string) => stranger.get(`/api/jobs/${id}`);

      const [foreign, unknown] = [await ask(deadId), await ask(none)];
      const [other, nobody] = [await costOf(() => ask(deadId), deadId), await costOf(() => ask(none), none)];

      expect(unknown.status).toBe(404);
      expect(learnedFrom(foreign, deadId)).toEqual(learnedFrom(unknown, none));
      expect(other).toEqual(nobody);
    });

    it('is asked nobody about on the routes of operators, and leaves it dead', async () => {
      const route = '/api/queue/customer.jobs/dead-letter';
      const ask = async (id: string) => [
        (await stranger.post(`${route}/retry`, { jobIds: [id] })).status,
        (await stranger.delete(`${route}/${id}`)).status,
      ];
      const statuses: number[] = [];

      const cost = await costOf(async () => statuses.push(...(await ask(deadId))), deadId);

      expect(statuses).toEqual([403, 403]);
      expect(await ask(randomUUID())).toEqual(statuses);
      expect(cost).toEqual([]);
      expect(await jobs.dead()).toContain(deadId);
    });
  });

  it('tells as Last-Event-ID nothing of what happened to the other', async () => {
    const listening = await EventStreamClient.open(app.url, owner.token);
    await owner.patch(`/api/customer/${ids.customer}`, { name: 'Changed' });
    const [first] = await listening.until(1);
    const [ms = ''] = (first?.id ?? '').split('-');
    listening.close();

    const streams = await Promise.all(
      [first?.id ?? '', `${Number(ms) - 1}-9999`].map((after) =>
        EventStreamClient.open(app.url, stranger.token, { after }),
      ),
    );
    const accepted = await stranger.post('/api/customer', { name: 'Own', email: 'own@example.com' });
    const seen = await Promise.all(streams.map((stream) => stream.until(2)));

    for (const events of seen) {
      expect(events.map(({ data }) => data.tenantid)).toEqual(events.map(() => strangers));
      expect(events.map(({ data }) => data.data.jobId)).toContain(accepted.body.data.jobId);
    }
  });

  it('left everything as it was, and the owner finds it', async () => {
    const read = Object.entries(CASES).filter(([route]) => route.startsWith('GET'));

    const answers = await Promise.all(
      read.map(async ([route, { of }]) => [route, (await send(owner, route, ids[of], '')).status]),
    );

    expect(answers).toEqual(read.map(([route]) => [route, 200]));
    expect((await owner.get(`/api/webhooks/${ids.webhook}`)).body.data.enabled).toBe(true);
    expect((await owner.get(`/api/customer/${ids.customer}`)).body.data).toMatchObject({
      name: 'Changed',
      stats: { visits: 0 },
    });
  });
});
