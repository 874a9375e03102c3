import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { buildCustomer } from '../factories/customer';
import { Client } from '../helpers/client';
import { DeadJobs } from '../helpers/dead-jobs';
import { ADMIN_PASSWORD, testVariables } from '../helpers/environment';
import { startProcess, type ServiceProcess } from '../helpers/process';
import { startTcpProxy, type TcpProxy } from '../helpers/tcp-proxy';
import { newTenant } from '../helpers/tokens';
import { waitForJob } from '../helpers/wait';
import { launchChromium } from './chromium';
import { barriersOn, openWatched } from './watched-page';

const VIEWER_PASSWORD = 'viewer password of the tests';
const PAGES = ['Overview', 'Imports', 'Jobs', 'Dead letters', 'Schedules', 'Audit log'];

/** As it is built and run: an API, and a worker beside it. */
describe('the cockpit in a browser', () => {
  let variables: Record<string, string>;
  let mongo: TcpProxy;
  let api: ServiceProcess;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    const direct = testVariables({ VIEWER_PASSWORD, LOG_LEVEL: 'info' });
    mongo = await startTcpProxy(direct.MONGODB_URI ?? '');
    const uri = new URL(direct.MONGODB_URI ?? '');
    uri.port = String(mongo.port);
    // Its own address, which a replica set would tell.
    uri.search = '?directConnection=true';
    variables = { ...direct, MONGODB_URI: uri.href };
    browser = await launchChromium();
    api = await startProcess({ ...variables, APP_ROLE: 'api' });
    await startProcess({ ...variables, APP_ROLE: 'worker' });
  }, 60_000);

  beforeEach(async () => {
    ({ page, complaints } = await openWatched(browser, api.url));
    await page.goto(`${api.url}/admin`);
  });

  afterEach(async () => {
    await page.context().close();
    expect(complaints).toEqual([]);
  });

  afterAll(async () => {
    await browser.close();
  });

  const signIn = async (user = 'admin', password = ADMIN_PASSWORD) => {
    await page.getByLabel('User').fill(user);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
  };
  const goTo = async (name: string) => {
    await page.getByRole('link', { name, exact: true }).click();
    await page.getByRole('heading', { name, exact: true }).waitFor();
  };
  const openImports = async (tenantId: string) => {
    await goTo('Imports');
    await page.getByLabel('Tenant').fill(tenantId);
    await page.getByRole('button', { name: 'Show' }).click();
  };
  const choose = (name: string, csv: string) =>
    page
      .getByLabel('Drop a CSV file here')
      .setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(csv) });
  const fact = (name: string) => page.locator('dl div', { hasText: name }).locator('dd').first().innerText();

  it('lets in who has the password, and out again', async () => {
    await page.getByLabel('User').fill('admin');
    await page.getByLabel('Password').fill('not the password');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('alert').getByText('The name or the password is wrong.').waitFor();
    // The browser itself tells of every answer that is a refusal.
    complaints.splice(0);

    await signIn();
    await page.getByText('Sign out').click();

    await page.getByLabel('Password').waitFor();
    await page.reload();
    await page.getByLabel('Password').waitFor();
  });

  it('imports a file: shows what is wrong with it, maps its columns, and tells what came of it', async () => {
    await signIn();
    await openImports(newTenant());
    const rows = Array.from({ length: 300 }, (_, row) => `Customer ${row},${randomUUID()}@example.com,gold`);
    await choose('customers.csv', ['Full name,Mail,Plan', ...rows, 'No address,none,gold'].join('\n'));
    await page.getByText('Of the first 20 rows, none would be rejected.').waitFor();

    await page.getByLabel('What Plan fills').selectOption('nothing');
    await page.getByRole('button', { name: 'Start the import' }).click();
    await page.getByText('301 of 301 rows').waitFor();

    await page.getByText('completed with errors').waitFor();
    expect(await barriersOn(page)).toEqual([]);
    expect([await fact('Created'), await fact('Rejected')]).toEqual(['300', '1']);
    await page.getByRole('region', { name: 'Rejected rows' }).getByText('302').waitFor();
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'errors.csv' }).click();
    expect(await readFile(await (await downloading).path(), 'utf8')).toContain('No address');
  });

  it('takes an import back', async () => {
    await signIn();
    await openImports(newTenant());
    await choose('customers.csv', `name,email\nAna,${randomUUID()}@example.com\n`);
    await page.getByRole('button', { name: 'Start the import' }).click();
    await page.getByText('1 of 1 rows').waitFor();

    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await page.getByRole('button', { name: 'Undo the import' }).click();

    await page.getByRole('region', { name: 'Undo' }).getByText('completed').waitFor();
    expect(await fact('Removed')).toBe('1');
  });

  it('says what keeps a file from being imported', async () => {
    await signIn();
    await openImports(newTenant());

    await choose('customers.csv', 'name,phone\nAna,1\nBea,call me\n');

    await page.getByRole('alert').getByText('email').waitFor();
    await page.getByRole('row', { name: 'call me' }).getByText('phone: ').waitFor();
    expect(await barriersOn(page)).toEqual([]);
    expect(await page.getByRole('button', { name: 'Start the import' }).isDisabled()).toBe(true);
  });

  it("finds a customer's job, and tells its story", async () => {
    const tenantId = newTenant();
    const client = new Client(api.url, { tenantId });
    const { name, email } = buildCustomer();
    const { jobId, customerId } = (await client.post('/api/customer', { name, email })).body.data;
    await waitForJob(client, jobId);

    await signIn();
    await goTo('Jobs');
    await page.getByLabel('Customer id').fill(customerId);
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByRole('link', { name: 'CREATE_CUSTOMER' }).click();

    await page.getByText('customer.created').waitFor();
    expect(await barriersOn(page)).toEqual([]);
    expect(await page.getByRole('region', { name: 'Payload' }).innerText()).toContain(email);
    expect(page.url()).toContain(jobId);
  });

  it('replays what died, and the counts change', async () => {
    const jobs = DeadJobs.of({ variables });
    const payload = { tenantId: 'acme', userId: 'u', requestId: 'r', acceptedAt: Date.now() };
    for (const type of ['NO_SUCH_JOB', 'NO_SUCH_JOB', 'GONE_JOB']) await jobs.queue.add(type, payload);
    await signIn();
    const dead = page.getByRole('region', { name: 'customer.jobs', exact: true }).locator('dd a');
    await dead.getByText('3', { exact: true }).waitFor();
    await dead.click();

    await page.getByText('3 dead letters of 2 causes.').waitFor();
    const group = page.getByRole('region', { name: 'No handler for job NO_SUCH_JOB' });
    await group.getByRole('button', { name: 'Replay or delete' }).click();
    await page.getByText('This means 2 dead letters.').waitFor();
    expect(await barriersOn(page)).toEqual([]);
    await page.getByRole('button', { name: 'Replay 2' }).click();
    await page.getByText('2 of 2').waitFor();
    await page.getByRole('button', { name: 'Choose by type' }).click();
    await page.getByLabel('Type').fill('GONE_JOB');
    await page.getByText('This means 1 dead letters.').waitFor();
    await page.getByRole('button', { name: 'Delete 1' }).click();

    await page.getByText('2 dead letters of 1 causes.').waitFor();
    await goTo('Audit log');
    const acts = await page.getByRole('row').allInnerTexts();
    expect(acts.slice(1, 3)).toEqual([
      expect.stringContaining('dead-letter.delete-found'),
      expect.stringContaining('dead-letter.retry-found'),
    ]);
    await goTo('Overview');
    await dead.getByText('2', { exact: true }).waitFor();
    await goTo('Dead letters');
    await page.getByRole('button', { name: 'Choose by type' }).click();
    await page.getByRole('button', { name: 'Delete 2' }).click();
    await page.getByText('Nothing died.').waitFor();
    await jobs.close();
  });

  it('shows what runs later, and lets it run now', async () => {
    const client = new Client(api.url, { tenantId: newTenant() });
    const { name, email } = buildCustomer();
    const tomorrow = new Date(Date.now() + 24 * 3_600_000).toISOString();
    const planned = await client.post(`/api/customer?runAt=${tomorrow}`, { name, email });
    const { jobId } = planned.body.data;
    await signIn();
    await goTo('Schedules');

    await page.getByRole('button', { name: 'Run PURGE_DELETED_CUSTOMERS now' }).click();
    await page.getByRole('row', { name: 'PURGE_DELETED_CUSTOMERS' }).getByText('completed').waitFor();
    await page.getByRole('button', { name: `Run ${jobId} now` }).click();

    expect(await waitForJob(client, jobId)).toMatchObject({ status: 'completed' });
  });

  it('can not be overlooked when MongoDB is away, and is calm again when it is back', async () => {
    await signIn();
    await page.getByText('All is well.').waitFor();

    mongo.cut();
    await page.getByRole('alert').getByText('MongoDB does not answer').waitFor();
    const title = await page.title();
    mongo.restore();

    expect(title).toContain('MongoDB does not answer');
    await page.getByText('All is well.').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(await page.title()).toBe('InsightCRM cockpit');
  });

  it('can not be overlooked when the service hangs, or a proxy answers for it', async () => {
    await signIn();
    await page.getByText('All is well.').waitFor();

    await page.route('**/admin/api/overview', (route) => route.fulfill({ body: '<html>Busy</html>' }));
    await page.getByRole('alert').getByText('The service does not answer').waitFor();
    await page.unroute('**/admin/api/overview');
    await page.getByText('All is well.').waitFor();
    api.signal('SIGSTOP');
    await page.getByRole('alert').getByText('The service does not answer').waitFor({ timeout: 20_000 });
    api.signal('SIGCONT');

    await page.getByText('All is well.').waitFor();
  }, 60_000);

  it("leads from a job to its import, whatever tenant's imports were looked at last", async () => {
    const tenantId = `東京 ${newTenant()}`;
    const client = new Client(api.url, { tenantId });
    const csv = `name,email\nAna,${randomUUID()}@example.com\n`;
    const { importId } = (await client.upload(csv)).body.data;
    await signIn();
    await openImports(newTenant());
    await page.goto(`${api.url}/admin/imports/${importId}?tenant=${encodeURIComponent(tenantId)}`);
    await page.getByText('1 of 1 rows').waitFor();

    await page.getByRole('link', { name: 'all imports' }).click();
    await page.getByRole('link', { name: importId }).click();
    await page.reload();

    await page.getByText('1 of 1 rows').waitFor();
  });

  it('takes a file that is dropped', async () => {
    await signIn();
    await openImports(newTenant());
    const dropped = await page.evaluateHandle(`(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(['name,email\\nAna,ana@example.com\\n'], 'dropped.csv', { type: 'text/csv' }));
      return transfer;
    })()`);

    await page.locator('.drop').dispatchEvent('drop', { dataTransfer: dropped });

    await page.getByText('dropped.csv').waitFor();
    await page.getByText('Of the first 1 rows, none would be rejected.').waitFor();
  });

  it('keeps its page when a file is dropped beside the place for it', async () => {
    await signIn();
    await openImports(newTenant());
    await page.getByText('Drop a CSV file here').waitFor();

    const isOpened = await page.evaluate(
      `document.querySelector('h1').dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true }))`,
    );

    expect(isOpened).toBe(false);
  });

  it('shows a viewer what is there, and no personal data, and nothing to press', async () => {
    const tenantId = newTenant();
    const client = new Client(api.url, { tenantId });
    const { name, email } = buildCustomer();
    const { jobId } = (await client.post('/api/customer', { name, email })).body.data;
    await waitForJob(client, jobId);

    await signIn('viewer', VIEWER_PASSWORD);
    await openImports(tenantId);
    await page.getByText('has no imports').waitFor();
    const canImport = await page.getByText('New import').isVisible();
    await page.goto(`${api.url}/admin/jobs/customer.jobs/${jobId}`);
    await page.getByText('Personal data is masked').waitFor();

    expect(canImport).toBe(false);
    expect(await page.content()).not.toContain(email);
  });

  it.each([
    ['in the light', { colorScheme: 'light' }],
    ['in the dark', { colorScheme: 'dark' }],
    ['on a phone', { viewport: { width: 360, height: 740 }, hasTouch: true }],
  ] as const)('has no barriers %s', async (_, options) => {
    await page.context().close();
    ({ page, complaints } = await openWatched(browser, api.url, options));
    await page.goto(`${api.url}/admin`);
    await page.getByLabel('User').waitFor();
    const barriers = await barriersOn(page);
    await signIn();

    for (const name of PAGES) {
      await goTo(name);
      barriers.push(...(await barriersOn(page)).map((barrier) => `${name}: ${barrier}`));
      const overflow = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
      if (Number(overflow) > 0) barriers.push(`${name}: is ${Number(overflow)} px too wide`);
    }

    expect(barriers).toEqual([]);
  });

  it('is used with the keyboard alone', async () => {
    await page.getByLabel('User').focus();
    await page.keyboard.type('admin');
    await page.keyboard.press('Tab');
    await page.keyboard.type(ADMIN_PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();

    // The heading has the focus; the skip link, the pages and signing out come before it.
    const reached: string[] = [];
    for (let step = 0; step < 9; step += 1) {
      await page.keyboard.press('Shift+Tab');
      reached.push(await page.locator(':focus').innerText());
    }
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');

    expect(reached).toEqual(['Sign out', 'Bull Board', ...PAGES.toReversed(), 'Skip to the page']);
    await page.getByRole('heading', { name: 'Imports' }).waitFor();
  });
});
