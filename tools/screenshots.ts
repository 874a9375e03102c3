import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, type Page } from 'playwright-core';

/**
 * Photographs each page of the cockpit of the stack that `npm start` runs, for docs/images. It imports the sample, so
 * that there is something to see; dead letters and load are for who calls it.
 */
const root = path.resolve(import.meta.dirname, '..');
const { values } = parseArgs({ options: { out: { type: 'string', default: 'docs/images' } } });

const readJson = async (file: string): Promise<Record<string, string>> =>
  JSON.parse(await readFile(path.join(root, '.data', file), 'utf8')) as Record<string, string>;
const { apiUrl = '' } = await readJson('stack.json');
const { adminPassword = '' } = await readJson('dev.json');

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox'],
});

async function photograph(page: Page, name: string, fullPage = true): Promise<void> {
  await page.screenshot({ path: path.resolve(root, values.out, `cockpit-${name}.png`), fullPage });
}

async function signIn(page: Page): Promise<void> {
  await page.goto(`${apiUrl}/admin`);
  await page.getByLabel('User').fill('admin');
  await page.getByLabel('Password').fill(adminPassword);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('heading', { name: 'Queues' }).waitFor();
}

async function goTo(page: Page, name: string): Promise<void> {
  await page.getByRole('link', { name, exact: true }).click();
  await page.getByRole('heading', { name, exact: true }).waitFor();
  await page.waitForLoadState('networkidle');
}

async function photographAll(page: Page): Promise<void> {
  await page.goto(`${apiUrl}/admin`);
  await page.getByLabel('User').waitFor();
  await photograph(page, 'sign-in');
  await signIn(page);
  await page.getByRole('img').first().waitFor();
  await photograph(page, 'overview');
  await goTo(page, 'Imports');
  await page.getByLabel('Tenant').fill('demo');
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByLabel('Drop a CSV file here').setInputFiles(path.join(root, 'samples/customers-1000.csv'));
  await page.getByText('Of the first').waitFor();
  await photograph(page, 'preview');
  await page.getByRole('button', { name: 'Start the import' }).click();
  await page.getByText('completed').first().waitFor();
  await photograph(page, 'import');
  await goTo(page, 'Jobs');
  await page.getByLabel('Tenant').fill('demo');
  await page.getByRole('button', { name: 'Find' }).click();
  await page.getByText('in the queues').waitFor();
  await photograph(page, 'jobs', false);
  await page.locator('td a', { hasText: 'CREATE_CUSTOMER' }).first().click();
  await page.getByRole('heading', { name: 'Payload' }).waitFor();
  await photograph(page, 'job');
  for (const name of ['Dead letters', 'Schedules', 'Audit log']) {
    await goTo(page, name);
    await page.getByRole('region').or(page.locator('.calm')).first().waitFor();
    await photograph(page, name.toLowerCase().replace(' ', '-'));
  }
}

try {
  await photographAll(await browser.newPage({ viewport: { width: 1200, height: 760 } }));
  const phone = await browser.newPage({ viewport: { width: 390, height: 844 }, colorScheme: 'dark' });
  await signIn(phone);
  await phone.screenshot({ path: path.resolve(root, values.out, 'cockpit-phone.png') });
} finally {
  await browser.close();
}
