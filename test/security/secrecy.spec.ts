import { buildCustomer } from '../factories/customer';
import { acceptedImport } from '../helpers/customers';
import { DeadJobs } from '../helpers/dead-jobs';
import { ADMIN_PASSWORD, JWT_SECRET } from '../helpers/environment';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { Visitor } from '../helpers/visitor';

const OPERATOR_PASSWORD = 'operator password of the tests';
const VIEWER_PASSWORD = 'viewer password of the tests';
const EMAIL = 'zebedee@unmistakable.example.com';
const DUPLICATE = `E11000 duplicate key error collection: crm.customers index: e dup key: { email: "${EMAIL}" }`;
const BOARD = '/admin/queues/api/queues';

describe('what is written', () => {
  let app: TestApp;
  let jobs: DeadJobs;
  let jobId: string;

  beforeAll(async () => {
    app = await createTestApp({ role: 'api', variables: { OPERATOR_PASSWORD, VIEWER_PASSWORD } });
    jobs = DeadJobs.of(app);
    const payload = { tenantId: 't1', requestId: 'r1', name: 'Zebedee Zap', email: EMAIL };
    [jobId = ''] = await jobs.make(1, payload, `${DUPLICATE} of ${EMAIL}`);
    await app.client().post('/api/customer', buildCustomer({ name: 'Zebedee Zap', email: EMAIL }));
    await acceptedImport(app.client(), `name,email\nZebedee Zap,${EMAIL}\n`);
  });

  afterAll(async () => {
    await jobs.close();
    await app.close();
  });

  const SECRETS = [/zebedee/i, /unmistakable/, JWT_SECRET, ADMIN_PASSWORD, OPERATOR_PASSWORD];
  const expectNothingSaid = (text: string) => {
    for (const secret of SECRETS) expect(text).not.toMatch(secret);
  };

  it.each([
    ['viewer', VIEWER_PASSWORD],
    ['operator', OPERATOR_PASSWORD],
  ])('is in no list, story or board that a %s sees', async (user, password) => {
    const visitor = await Visitor.signIn(app.url, { user, password });
    const paths = [
      `/admin/api/jobs?jobId=${jobId}`,
      `/admin/api/jobs/customer.jobs/${jobId}`,
      '/admin/api/dead-letters?queue=customer.jobs',
      '/admin/api/overview',
      `${BOARD}?activeQueue=customer.jobs&status=failed&page=1`,
      `${BOARD}?activeQueue=customer.jobs&status=waiting&page=1`,
      `${BOARD}?activeQueue=customer.jobs&status=prioritized&page=1`,
      `${BOARD}/customer.jobs/${jobId}`,
    ];

    for (const path of paths) {
      const { status, body } = await visitor.get(path);
      expect([path, status]).toEqual([path, 200]);
      expectNothingSaid(JSON.stringify(body));
    }
  });

  it('is not in what an operator’s token reads', async () => {
    const operator = app.client({ roles: ['operator'] });
    const paths = [
      '/api/queue/customer.jobs/details',
      '/api/queue/customer.jobs/dead-letter',
      '/api/queue/stats',
      '/api/queue/system-status',
      '/api/queue/audit',
      '/metrics',
    ];

    for (const path of paths) {
      const { status, body } = await operator.get(path);
      expect([path, status]).toEqual([path, 200]);
      expectNothingSaid(JSON.stringify(body));
    }
    expect((await operator.get(paths[1] ?? '')).body.data.items).toMatchObject([
      { jobId, error: expect.stringContaining('E11000 duplicate key error') },
    ]);
  });

  it('is in no refusal, which names the field and not its value', async () => {
    const client = app.client();

    const answers = [
      await client.post('/api/customer', { name: 'Zebedee', email: `${EMAIL} oops`, phone: 'unmistakable' }),
      await client.post('/api/customer', `{"name":"Zebedee","email":"${EMAIL}",}`),
      await client.get(`/api/customer?email=${EMAIL}&email=${EMAIL}`),
      await client.get(`/api/customer?cursor=${EMAIL}`),
      await client.upload(`name,mail\nZebedee,${EMAIL}\n`),
    ];

    for (const { status, body } of answers) {
      expect(status).toBe(400);
      expectNothingSaid(JSON.stringify({ ...body, instance: '' }));
    }
  });
});
