import { buildCsv, emailOfRow } from '../factories/csv';
import type { Client } from '../helpers/client';
import { acceptedImport, existingCustomer } from '../helpers/customers';
import { createDeliveries, type Deliveries } from '../helpers/deliveries';
import { withPort } from '../helpers/outage';
import { Stores } from '../helpers/stores';
import { startTcpProxy } from '../helpers/tcp-proxy';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { newTenant } from '../helpers/tokens';
import { waitForImport } from '../helpers/wait';

describe('the reports of an import', () => {
  let app: TestApp;
  let client: Client;

  beforeAll(async () => {
    app = await createTestApp();
  });

  beforeEach(() => {
    client = app.client();
  });

  afterAll(async () => {
    await app.close();
  });

  const imported = async (csv: string, query = ''): Promise<string> => {
    const importId = await acceptedImport(client, csv, query);
    await waitForImport(client, importId);
    return importId;
  };
  const report = async (importId: string, name: string): Promise<string[]> => {
    const { status, body } = await client.get(`/api/customer/imports/${importId}/${name}.csv`);
    if (status !== 200) throw new Error(`Not downloaded: ${status} ${JSON.stringify(body)}`);
    return String(body).split('\r\n');
  };
  const idOf = async (email: string): Promise<string> =>
    (await client.get(`/api/customer?email=${email}`)).body.data.items[0].id;

  it('say of every row what became of it, by line', async () => {
    const email = 'known@example.com';
    const known = await existingCustomer(client, { name: 'Ana', email });
    const csv = `name,email\nNew,new@example.com\nBo,no email\nOther,${email}\nOther,${email}\n`;

    const lines = await report(await imported(csv), 'results');

    expect(lines).toEqual([
      'line,outcome,customerId',
      `2,created,${await idOf('new@example.com')}`,
      '3,rejected,',
      `4,updated,${known}`,
      `5,unchanged,${known}`,
      '',
    ]);
  });

  it('say whose email a row was skipped or rejected for', async () => {
    const email = 'known@example.com';
    const known = await existingCustomer(client, { email });
    const csv = `name,email\nOther,${email}\n`;

    const skipped = await report(await imported(csv, '?onDuplicate=skip'), 'results');
    const failed = await report(await imported(csv, '?onDuplicate=fail'), 'results');

    expect(skipped[1]).toBe(`2,skipped,${known}`);
    expect(failed[1]).toBe(`2,rejected,${known}`);
  });

  it('have a large file in its order', async () => {
    const prefix = newTenant();
    const rows = 12_345;

    const lines = await report(await imported(buildCsv({ rows, prefix })), 'results');

    expect(lines.slice(1, -1).map((line) => line.split(',').slice(0, 2).join())).toEqual(
      Array.from({ length: rows }, (_, row) => `${row + 2},created`),
    );
    expect(lines[rows]).toContain(await idOf(emailOfRow(prefix, rows - 1)));
  });

  it('give the rejected rows back with what was wrong, in their own columns', async () => {
    const csv = [
      'Name,Email,Visits,Club',
      'Ana,ana@example.com,1,gold',
      '"Bo ""B"", Jr.",no email,1,',
      'Cy,cy@example.com,many,"two\nlines"',
      'Dee,dee@example.com',
      '',
    ].join('\n');

    const [header, ...lines] = (await report(await imported(csv), 'errors')).join('\r\n').split('\r\n');

    expect(header).toBe('line,reason,Name,Email,Visits,Club');
    expect(lines).toEqual([
      '3,email is not a valid address,"Bo ""B"", Jr.",no email,1,',
      '4,visits must be a whole number of 0 or more,Cy,cy@example.com,many,"two\nlines"',
      '6,"expected 4 columns, found 2",Dee,dee@example.com',
      '',
    ]);
  });

  it('give back rows that met a customer, with `fail`', async () => {
    const csv = 'name,email\nAna,twice@example.com\nBo,twice@example.com\n';

    const lines = await report(await imported(csv, '?onDuplicate=fail'), 'errors');

    expect(lines.slice(1)).toEqual(['3,another customer has this email,Bo,twice@example.com', '']);
  });

  it('report an errors.csv that comes back, and is still wrong, in the columns of the first file', async () => {
    const csv = 'name,email,=x,visits\nAna,no email,=1,2\nBo,b@example.com,-2,many\n';
    const first = (await report(await imported(csv), 'errors')).join('\r\n');

    const again = (await report(await imported(first), 'errors')).join('\r\n');

    expect(first).toContain(`'=1`);
    expect(again).toBe(first);
  });

  it('have no more than a header when nothing was rejected', async () => {
    expect(await report(await imported(buildCsv({ rows: 3 })), 'errors')).toEqual([
      'line,reason,name,email,visits',
      '',
    ]);
  });

  it('tell spreadsheets that they are UTF-8', async () => {
    const importId = await imported('name,email\nZoë,no email\n');

    const answer = await fetch(`${app.url}/api/customer/imports/${importId}/errors.csv`, {
      headers: { authorization: `Bearer ${client.token}` },
    });

    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(bytes.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
    expect(bytes.toString()).toContain('Zoë');
  });

  it.each(['results', 'errors'])('are a CSV file to download: %s', async (name) => {
    const importId = await imported(buildCsv({ rows: 1 }));

    const { headers } = await client.get(`/api/customer/imports/${importId}/${name}.csv`);

    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(headers.get('content-disposition')).toBe(`attachment; filename="${importId}-${name}.csv"`);
  });

  it.each(['results', 'errors'])('are not found by another tenant: %s', async (name) => {
    const importId = await imported(buildCsv({ rows: 1 }));

    const { status, body } = await app.client().get(`/api/customer/imports/${importId}/${name}.csv`);

    expect(status).toBe(404);
    expect(JSON.stringify(body)).not.toContain('Customer 0');
  });

  it('are answered 503 while the database is away', async () => {
    const importId = await imported(buildCsv({ rows: 1 }));
    const proxy = await startTcpProxy(app.variables.MONGODB_URI ?? '');
    const MONGODB_URI = withPort(app.variables.MONGODB_URI, proxy.port);
    const api = await createTestApp({
      role: 'api',
      variables: { ...app.variables, MONGODB_URI, MONGODB_TIMEOUT_MS: '500' },
    });
    const path = `${api.url}/api/customer/imports/${importId}/results.csv`;
    const headers = { authorization: `Bearer ${client.token}` };
    const before = await fetch(path, { headers });
    await before.text();

    proxy.cut();
    const answer = await fetch(path, { headers });

    expect(before.status).toBe(200);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    await api.close();
    await proxy.close();
  });
});

describe('the reports of an import that runs', () => {
  let api: TestApp;
  let deliveries: Deliveries;
  let stores: Stores;
  let client: Client;

  beforeAll(async () => {
    api = await createTestApp({ role: 'api' });
    deliveries = await createDeliveries(api);
    stores = await Stores.of(api);
    client = api.client();
  });

  afterAll(async () => {
    await deliveries.close();
    await stores.close();
    await api.close();
  });

  const results = async (importId: string): Promise<string[]> =>
    String((await client.get(`/api/customer/imports/${importId}/results.csv`)).body).split('\r\n');

  it('have what is settled so far', async () => {
    const importId = await acceptedImport(client, buildCsv({ rows: 2500 }));
    const [first = '', second = '', third = ''] = await deliveries.chunksOf(importId);

    const nothing = await results(importId);
    await deliveries.deliver(third);
    const last = await results(importId);
    await deliveries.deliver(first);
    await deliveries.deliver(second);

    expect(nothing).toEqual(['line,outcome,customerId', '']);
    expect(last).toHaveLength(502);
    expect(last[1]).toMatch(/^2002,created,/);
    expect(await results(importId)).toHaveLength(2502);
  });

  it('stay as they were first written, and are what is counted, however often a chunk comes', async () => {
    const csv = buildCsv({ rows: 50 });
    await deliveries.deliver(`${await acceptedImport(client, csv)}-0`);
    const again = await acceptedImport(client, csv.replaceAll('Customer', 'Person'));
    const bytes = await stores.chunkBytes(again, 0);

    await deliveries.deliver(`${again}-0`, { times: 3, atOnce: true });
    const before = await results(again);
    await stores.forgetCounts(again, 0, bytes);
    // It overwrites all that the one before wrote, which does not find its own changes any more.
    await deliveries.deliver(`${await acceptedImport(client, csv)}-0`);
    await deliveries.deliver(`${again}-0`);

    expect(before.filter((line) => line.includes('updated'))).toHaveLength(50);
    expect(await results(again)).toEqual(before);
    expect((await client.get(`/api/customer/imports/${again}`)).body.data.counts).toMatchObject({
      processed: 50,
      updated: 50,
    });
  });
});
