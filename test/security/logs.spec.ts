import { randomBytes } from 'node:crypto';
import { buildCustomer } from '../factories/customer';
import { Client } from '../helpers/client';
import { acceptedImport, outcomeOf } from '../helpers/customers';
import { ADMIN_PASSWORD, JWT_SECRET, testVariables } from '../helpers/environment';
import { startProcess, type ServiceProcess } from '../helpers/process';
import { sendRaw } from '../helpers/raw-http';
import { newTenant, tokenFor } from '../helpers/tokens';
import { waitFor, waitForImport } from '../helpers/wait';

const EMAIL = 'zebedee@unmistakable.example.com';
const NAME = 'Zebedee Zap';

/** Of a process of its own, since all that it writes is looked at. */
describe('what is logged at info', () => {
  const variables = testVariables({ APP_ROLE: 'all', LOG_LEVEL: 'info' });
  let service: ServiceProcess;
  let client: Client;

  beforeAll(async () => {
    service = await startProcess(variables);
    client = new Client(service.url, { tenantId: newTenant() });
  });

  afterAll(async () => {
    service.signal('SIGTERM');
    await service.ended;
  });

  /** Once all that was asked before is written down. */
  const logged = async (): Promise<string> => {
    const { headers } = await client.get('/api/customer/imports');
    const last = headers.get('x-request-id');
    await waitFor(
      'the line of the last request',
      () => Promise.resolve(service.lines().some(({ requestId }) => requestId === last)),
      Boolean,
    );
    return service.output();
  };
  const expectNothingOf = (log: string, ...secrets: string[]) => {
    for (const secret of secrets) expect(log).not.toContain(secret);
  };
  const signIn = (wish: object) =>
    fetch(`${service.url}/admin/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(wish),
    });

  it('is nothing of a customer, whether its write is done, fails or is refused', async () => {
    const customer = buildCustomer({ name: NAME, email: EMAIL, phone: '+1 555 0199' });
    const done = await outcomeOf(client, await client.post('/api/customer', customer));
    const failed = await outcomeOf(client, await client.post('/api/customer', customer));
    const refused = await client.post('/api/customer', { ...customer, email: `${EMAIL} oops` });
    const broken = await client.post('/api/customer', `{"name":"${NAME}","email":"${EMAIL}",}`);

    const log = await logged();

    expect([done.status, failed.status]).toEqual(['completed', 'failed']);
    expect([refused.status, broken.status]).toEqual([400, 400]);
    expect(log).toContain(failed.id);
    expectNothingOf(log, 'Zebedee', 'unmistakable', '555 0199');
  });

  it('is nothing of the rows of a file, the names of its columns, or of the file', async () => {
    const csv = `name,email,Hush Hush\n${NAME},${EMAIL},unmistakable\n${NAME},no mail unmistakable,x\n`;
    const importId = await acceptedImport(client, csv);
    await waitForImport(client, importId);
    await client.upload(`name,Unmistakable\n${NAME},${EMAIL}\n`);

    const log = await logged();

    expect(log).toContain(importId);
    expectNothingOf(log, 'Zebedee', 'unmistakable', 'Unmistakable', 'Hush Hush');
  });

  it('is nothing of a query or a path that names somebody', async () => {
    for (const path of [
      `/api/customer?email=${EMAIL}&search=Zebedee`,
      `/api/customer?cursor=${EMAIL}`,
      `/api/customers/${EMAIL}`,
      `/api/customer/${EMAIL}`,
      `/nothing/${EMAIL}?name=Zebedee`,
    ])
      await client.get(path);
    await sendRaw(service.url, `GET /${EMAIL} HTTP/1.1\r\nbad header ${EMAIL}\r\n\r\n`);

    expectNothingOf(await logged(), 'Zebedee', 'unmistakable');
  });

  it('is nothing of a token, good or bad, wherever it stands', async () => {
    const bad = `${tokenFor({ roles: ['admin'] })}x`;
    const ask = (path: string, headers: Record<string, string>) => fetch(service.url + path, { headers });
    await ask('/api/customer', { authorization: `Bearer ${bad}` });
    await ask(`/api/customer?access_token=${bad}`, { cookie: `jwt=${bad}` });
    await ask('/admin/queues', { authorization: `Bearer ${bad}` });
    await signIn({ token: bad });

    const log = await logged();

    for (const part of [...bad.split('.'), ...client.token.split('.').slice(1)])
      expectNothingOf(log, part.slice(0, 30));
  });

  it('is nothing of a password, a session or a key, used or only tried', async () => {
    const guess = `guess-${randomBytes(12).toString('hex')}`;
    const basic = Buffer.from(`admin:${guess}`).toString('base64');
    const answer = await signIn({ user: 'admin', password: ADMIN_PASSWORD });
    const [, session = ''] = /=([^;]+)/.exec(answer.headers.get('set-cookie') ?? '') ?? [];
    await signIn({ user: 'admin', password: guess });
    const headers = { cookie: `insightcrm_session=${session}`, 'sec-fetch-site': 'same-origin' };
    const board = await fetch(`${service.url}/admin/queues/api/queues`, { headers });
    await fetch(`${service.url}/admin/queues`, { headers: { authorization: `Basic ${basic}` } });

    const log = await logged();

    expect(board.status).toBe(200);
    expectNothingOf(log, ADMIN_PASSWORD, JWT_SECRET, guess, basic, session);
  });

  it('is nothing of a webhook’s secret, nor of what stands behind its host', async () => {
    const { body } = await client.post('/api/webhooks', { url: 'https://8.8.8.8/hooks?key=unmistakable' });
    await client.post('/api/webhooks', { url: 'https://user:unmistakable@8.8.8.8/' });

    const log = await logged();

    expect(body.data.secret).toMatch(/^whsec_/);
    expectNothingOf(log, String(body.data.secret).slice('whsec_'.length), 'unmistakable');
  });
});
