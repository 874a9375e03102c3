import { buildCustomer } from '../factories/customer';
import { buildCsv } from '../factories/csv';
import { acceptedImport, existingCustomer, outcomeOf, readCustomer } from '../helpers/customers';
import type { Answer } from '../helpers/client';
import { EventWatch } from '../helpers/event-watch';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitForImport } from '../helpers/wait';

const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();
const YEAR_MS = 366 * 24 * 3_600_000;

describe('placement of writes', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await createTestApp();
  });

  afterAll(async () => {
    await app.close();
  });

  describe('priority', () => {
    let api: TestApp;

    beforeAll(async () => {
      api = await createTestApp({ role: 'api' });
    });

    afterAll(async () => {
      await api.close();
    });

    it('is the order in which waiting work is done: high, normal, low, and imports last', async () => {
      const client = api.client();
      const events = await EventWatch.on(api);
      const create = async (query: string): Promise<string> => {
        const { body } = await client.post(`/api/customer${query}`, buildCustomer());
        return body.data.jobId;
      };
      const imported = await acceptedImport(client, buildCsv({ rows: 1 }));
      const low = await create('?priority=low');
      const normal = await create('');
      const alsoNormal = await create('?priority=normal');
      const high = await create('?priority=high');

      const one = { ...api.variables, WORKER_CONCURRENCY: '1' };
      const worker = await createTestApp({ role: 'worker', variables: one });
      await events.until(imported, 'customer.import.completed');
      await worker.close();
      await events.close();

      const ended = events
        .types('customer.created', 'customer.import.completed')
        .map(({ data }) => data.jobId);
      expect(ended.filter((id) => [high, normal, alsoNormal, low, imported].includes(id))).toEqual([
        high,
        normal,
        alsoNormal,
        low,
        imported,
      ]);
    });

    it('is refused when it is none of the three', async () => {
      const answer = await api.client().post('/api/customer?priority=urgent', buildCustomer());

      expect(answer.status).toBe(400);
      expect(answer.body.errors).toMatchObject([{ field: 'priority', code: 'is_in' }]);
    });
  });

  describe('runAt', () => {
    it('makes a write wait, as scheduled, until it is time', async () => {
      const client = app.client();
      const runAt = inMs(700);

      const accepted = await client.post(`/api/customer?runAt=${runAt}`, buildCustomer());
      const waiting = await client.get(`/api/jobs/${accepted.body.data.jobId}`);
      const job = await outcomeOf(client, accepted);

      expect(waiting.body.data).toMatchObject({ status: 'scheduled', attempts: 0, startedAt: null });
      expect(job.status).toBe('completed');
      expect(Date.parse(job.startedAt)).toBeGreaterThanOrEqual(Date.parse(runAt));
    });

    it('runs a write at once when the time is past', async () => {
      const client = app.client();

      const accepted = await client.post(`/api/customer?runAt=${inMs(-60_000)}`, buildCustomer());

      expect((await outcomeOf(client, accepted)).status).toBe('completed');
    });

    it('makes an upload wait too', async () => {
      const client = app.client();

      const importId = await acceptedImport(client, buildCsv({ rows: 2 }), `?runAt=${inMs(700)}`);
      const waiting = await client.get(`/api/customer/imports/${importId}`);
      const ended = await waitForImport(client, importId);

      expect(waiting.body.data).toMatchObject({ status: 'queued', counts: { processed: 0 } });
      expect(ended).toMatchObject({ status: 'completed', counts: { created: 2 } });
    });

    it('counts as later than a write that is sent afterwards for now', async () => {
      const client = app.client();
      const customerId = await existingCustomer(client, { name: 'Created' });

      const planned = await client.patch(`/api/customer/${customerId}?runAt=${inMs(700)}`, {
        name: 'Planned',
      });
      await outcomeOf(client, await client.patch(`/api/customer/${customerId}`, { name: 'Now' }));
      await outcomeOf(client, planned);

      expect((await readCustomer(client, customerId)).name).toBe('Planned');
    });

    it('is accepted a year ahead', async () => {
      const client = app.client();

      const accepted = await client.post(`/api/customer?runAt=${inMs(YEAR_MS - 60_000)}`, buildCustomer());
      const job = await client.get(`/api/jobs/${accepted.body.data.jobId}`);

      expect([accepted.status, job.body.data.status]).toEqual([202, 'scheduled']);
    });

    const refuse = (answer: Answer) => {
      expect(answer.status).toBe(400);
      expect(answer.body.errors).toMatchObject([{ field: 'runAt' }]);
    };

    it('is refused more than a year ahead', async () => {
      const answer = await app
        .client()
        .post(`/api/customer?runAt=${inMs(YEAR_MS + 60_000)}`, buildCustomer());

      refuse(answer);
      expect(answer.body.errors[0].message).toBe('more than a year ahead');
    });

    it.each(['tomorrow', '', '1769860800', '2026-13-01T00:00:00Z', '2026-02-30T00:00:00Z', '2026-W05-1'])(
      'is refused as %p',
      async (runAt) => {
        refuse(await app.client().post(`/api/customer?runAt=${runAt}`, buildCustomer()));
      },
    );
  });

  it('lets a write wait for the planned create of its customer, without using up attempts', async () => {
    const client = app.client();
    const planned = await client.post(`/api/customer?runAt=${inMs(2_500)}`, buildCustomer());
    const { customerId } = planned.body.data;

    const job = await outcomeOf(
      client,
      await client.patch(`/api/customer/${customerId}`, { name: 'Renamed' }),
    );

    expect(job).toMatchObject({ status: 'completed', attempts: 1 });
    expect(await readCustomer(client, customerId)).toMatchObject({ name: 'Renamed' });
  });

  it('orders a planned import by when it is due', async () => {
    const client = app.client();
    const email = 'planned@example.com';
    const customerId = await existingCustomer(client, { email });
    const csv = `name,email\nFrom the file,${email}\n`;
    const planned = await client.upload(csv, `?runAt=${inMs(1_500)}`);

    await outcomeOf(client, await client.patch(`/api/customer/${customerId}`, { name: 'Before it' }));
    await waitForImport(client, planned.body.data.importId);

    expect(await readCustomer(client, customerId)).toMatchObject({ name: 'From the file' });
  });

  it('is taken on every write', async () => {
    const client = app.client();
    const customerId = await existingCustomer(client);
    const query = `?priority=high&runAt=${inMs(60_000)}`;

    const accepted = [
      await client.post(`/api/customer${query}`, buildCustomer()),
      await client.patch(`/api/customer/${customerId}${query}`, { name: 'Later' }),
      await client.post(`/api/customer/${customerId}/stats${query}`, { spent: 1, visits: 1, at: inMs(0) }),
      await client.delete(`/api/customer/${customerId}${query}`),
      await client.upload(buildCsv({ rows: 1 }), query),
    ];
    const jobs = await Promise.all(
      accepted.slice(0, 4).map(({ body }) => client.get(`/api/jobs/${body.data.jobId}`)),
    );

    expect(accepted.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
    expect(jobs.map(({ body }) => body.data.status)).toEqual(Array(4).fill('scheduled'));
  });
});
