import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile } from 'node:fs/promises';
import { Client } from '../helpers/client';
import { ADMIN_PASSWORD, JWT_SECRET, testVariables } from '../helpers/environment';
import { runService, startProcess, type ServiceProcess } from '../helpers/process';
import { newTenant } from '../helpers/tokens';
import { waitFor, waitForImport, waitForJob } from '../helpers/wait';
import { buildCustomer } from '../factories/customer';

describe('a process that can not start', () => {
  it.each([
    ['REDIS_URL', { REDIS_URL: '' }],
    ['MONGODB_URI', { MONGODB_URI: 'mongodb://host:notaport/' }],
    ['JWT_SECRET', { JWT_SECRET: 'hunter2' }],
    ['APP_ROLE', { APP_ROLE: 'boss' }],
    ['PORT', { PORT: '99999' }],
    ['LOG_LEVEL', { LOG_LEVEL: 'loud' }],
    ['ADMIN_PASSWORD', { ADMIN_PASSWORD: 'hunter2' }],
    ['REDIS_MODE', { REDIS_MODE: 'hunter2' }],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }],
  ])('names %s in one line, and not its value', async (name, variables) => {
    const { ended, output } = runService(variables);

    expect(await ended).toBe(1);
    expect(output().trim().split('\n')).toEqual([expect.stringMatching(new RegExp(`^${name}: `))]);
    expect(output()).not.toContain('hunter2');
  });

  it('names every variable that is missing, a line each', async () => {
    const { ended, output } = runService({}, { complete: false });

    expect(await ended).toBe(1);
    const names = output()
      .trim()
      .split('\n')
      .map((line) => line.split(':')[0]);
    expect(names).toEqual(['REDIS_URL', 'MONGODB_URI', 'JWT_SECRET']);
  });

  it('says in one line that its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;

    const { ended, output } = runService({ PORT: String(port), LOG_LEVEL: 'silent' });
    const code = await ended;
    other.close();

    expect(code).toBe(1);
    expect(output().trim().split('\n')).toEqual([`PORT: ${port} is taken; set PORT to another one`]);
  });
});

describe('API and worker as processes of their own', () => {
  const variables = testVariables();
  let api: ServiceProcess;
  let worker: ServiceProcess;
  let client: Client;

  beforeAll(async () => {
    [api, worker] = await Promise.all([
      startProcess({ ...variables, LOG_LEVEL: 'info', APP_ROLE: 'api' }),
      startProcess({ ...variables, LOG_LEVEL: 'info', APP_ROLE: 'worker' }),
    ]);
    client = new Client(api.url, { tenantId: newTenant(), roles: ['user', 'operator'] });
  });

  afterAll(async () => {
    for (const process of [api, worker]) process.signal('SIGTERM');
    await Promise.all([api.ended, worker.ended]);
  });

  it('persist a thousand customers of one file', async () => {
    const accepted = await client.upload(await readFile('samples/customers-1000.csv'));

    expect(accepted.status).toBe(202);
    const { counts } = await waitForImport(client, accepted.body.data.importId);
    expect(counts).toMatchObject({ rows: 1000, processed: 1000, created: 968, rejected: 12 });
  });

  it('log one JSON line per request and per attempt, with ids and without personal data', async () => {
    const customer = buildCustomer({ name: 'Zebedee Unmistakable', phone: '+1 555 0199' });

    const accepted = await client.post('/api/customer', customer);
    await waitForJob(client, accepted.body.data.jobId);
    await client.get(`/api/customer?email=${customer.email}`);
    const requestId = accepted.headers.get('x-request-id');
    const ofRequest = () =>
      [...api.lines(), ...worker.lines()].filter((line) => line.requestId === requestId);
    await waitFor(
      'both lines',
      () => Promise.resolve(ofRequest()),
      (lines) => lines.length === 2,
    );

    expect(ofRequest()).toMatchObject([
      { msg: 'request', method: 'POST', route: '/api/customer', status: 202, durationMs: expect.any(Number) },
      {
        msg: 'job',
        job: 'CREATE_CUSTOMER',
        jobId: accepted.body.data.jobId,
        attempt: 1,
        outcome: 'completed',
      },
    ]);
    for (const secret of ['Zebedee', customer.email, '555 0199', client.token, JWT_SECRET, ADMIN_PASSWORD]) {
      expect(api.output() + worker.output()).not.toContain(secret);
    }
  });

  it('outlive a broken gzip of somebody without a token', async () => {
    const upload = () =>
      fetch(`${api.url}/api/customer/upload`, {
        method: 'POST',
        headers: { 'content-type': 'text/csv', 'content-encoding': 'gzip' },
        body: 'no gzip at all',
      });

    const answers = [await upload(), await upload(), await fetch(`${api.url}/health/live`)];

    expect(answers.map(({ status }) => status)).toEqual([401, 401, 200]);
  });

  it('answer every route that they document, as built', async () => {
    const operator = new Client(api.url, { roles: ['operator'] });
    const { body: document } = await operator.get('/openapi.json');
    const routes = Object.entries(document.paths as Record<string, object>)
      .filter(([, operations]) => 'get' in operations)
      .map(([route]) =>
        route.replace('{queueName}', 'customer.jobs').replace(/\{\w+\}/, crypto.randomUUID()),
      );

    // The status only: a stream of events has no end.
    const statusOf = async (route: string) => {
      const headers = { authorization: `Bearer ${operator.token}` };
      const answer = await fetch(api.url + route, { headers });
      await answer.body?.cancel();
      return answer.status;
    };

    const answers = await Promise.all(routes.map(async (route) => [route, await statusOf(route)]));
    const replay = await operator.post('/api/queue/customer.jobs/dead-letter/retry');
    const deletion = await operator.delete('/api/queue/customer.jobs/dead-letter/nobody');

    expect(routes.length).toBeGreaterThan(10);
    expect(answers.filter(([, status]) => status !== 200 && status !== 404)).toEqual([]);
    expect([replay.status, deletion.status]).toEqual([202, 404]);
  });

  it('tell a job at any moment of its life', async () => {
    const customer = buildCustomer();
    await waitForJob(client, (await client.post('/api/customer', customer)).body.data.jobId);

    const looks = await Promise.all(
      Array.from({ length: 30 }, async () => {
        const { jobId } = (await client.post('/api/customer', customer)).body.data;
        const statuses: number[] = [];
        await waitFor(
          'the refusal',
          () => client.get(`/api/jobs/${jobId}`),
          ({ status, body }) => {
            statuses.push(status);
            return body.data?.status === 'failed';
          },
          { everyMs: 1 },
        );
        return statuses;
      }),
    );

    expect(new Set(looks.flat())).toEqual(new Set([200]));
  });

  it('finish what they have on SIGTERM, and exit with 0', async () => {
    const another = await startProcess({ ...variables, LOG_LEVEL: 'info', APP_ROLE: 'all' });
    const elsewhere = new Client(another.url);
    const writes = await Promise.all(
      Array.from({ length: 50 }, () => elsewhere.post('/api/customer', buildCustomer())),
    );

    another.signal('SIGTERM');
    const code = await another.ended;

    expect(code).toBe(0);
    expect(writes.map(({ status }) => status)).toEqual(Array(50).fill(202));
    expect(another.lines().filter(({ level }) => Number(level) >= 50)).toEqual([]);
    expect(another.lines().at(-1)).toMatchObject({ msg: 'stopped' });
  });

  it('end in bounded time, whoever does not let go', async () => {
    const another = await startProcess({
      ...variables,
      LOG_LEVEL: 'info',
      APP_ROLE: 'api',
      SHUTDOWN_TIMEOUT_MS: '200',
    });
    const stalled = request(`${another.url}/api/customer/upload`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${client.token}`,
        'content-type': 'text/csv',
        expect: '100-continue',
      },
    });
    stalled.on('error', () => undefined);
    stalled.flushHeaders();
    await once(stalled, 'continue');
    stalled.write('name,email\n');

    another.signal('SIGTERM');
    const code = await another.ended;

    expect(code).toBe(1);
    expect(another.lines().at(-1)).toMatchObject({ level: 50, msg: 'not stopped in time' });
  });
});
