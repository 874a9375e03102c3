import type { Browser, Page } from 'playwright-core';
import { buildCustomer } from '../factories/customer';
import { DeadJobs } from '../helpers/dead-jobs';
import { ADMIN_PASSWORD } from '../helpers/environment';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitFor, waitForJob } from '../helpers/wait';
import { launchChromium } from './chromium';
import { openWatched } from './watched-page';

describe('the pages in a browser', () => {
  let app: TestApp;
  let browser: Browser;
  let page: Page;
  /** What the browser complained about, and what it asked other sites for. */
  let complaints: string[];

  beforeAll(async () => {
    browser = await launchChromium();
    app = await createTestApp();
  });

  afterAll(async () => {
    await Promise.all([app.close(), browser.close()]);
  });

  beforeEach(async () => {
    ({ page, complaints } = await openWatched(browser, app.url, {
      httpCredentials: { username: 'admin', password: ADMIN_PASSWORD },
    }));
  });

  afterEach(async () => {
    await page.context().close();
  });

  it('shows the queue and its finished jobs to who signs in', async () => {
    const client = app.client();
    const customer = buildCustomer();
    const { jobId, customerId } = (await client.post('/api/customer', customer)).body.data;
    await waitForJob(client, jobId);

    await page.goto(`${app.url}/admin/queues`);
    await page.getByRole('link', { name: 'customer.jobs' }).first().click();
    await page.getByRole('link', { name: /completed/i }).click();
    await page.getByText(jobId).first().click();

    await page.waitForURL(`**/queue/customer.jobs/${jobId}*`);
    await page.getByText('CREATE_CUSTOMER').first().waitFor();
    expect(complaints).toEqual([]);
    // Data is there, without what is personal.
    await page.getByText(customerId).first().waitFor();
    expect(await page.content()).not.toContain(customer.email);
    expect(await page.content()).not.toContain(customer.name);
  });

  it('runs a dead letter again at the click of a button', async () => {
    const jobs = DeadJobs.of(app);
    const { id: jobId = '' } = await jobs.queue.add('NO_SUCH_JOB', {});
    const diedAt = () => jobs.redis.zscore(jobs.queue.toKey('failed'), jobId);
    const first = await waitFor('the job to die', diedAt, (score) => score !== null);

    await page.goto(`${app.url}/admin/queues/queue/customer.jobs/${jobId}`);
    await page.locator('li button:has(svg.lucide-refresh-cw)').first().click();
    await page.getByRole('button', { name: 'Confirm' }).click();

    await waitFor('it to die again', diedAt, (score) => score !== null && score !== first);
    await jobs.close();
    expect(complaints).toEqual([]);
  });

  it('shows every operation of the API', async () => {
    const document = (await app.client().get('/openapi.json')).body;
    const operations = Object.values(document.paths).flatMap((item) => Object.keys(item as object));

    await page.goto(`${app.url}/docs`);
    await page.locator('.opblock').first().waitFor();

    expect(await page.locator('.opblock').count()).toBe(operations.length);
    await page.locator('.opblock', { hasText: 'Creates a customer' }).click();
    await page.getByText('ana@example.com').first().waitFor();
    expect(complaints).toEqual([]);
  });
});
