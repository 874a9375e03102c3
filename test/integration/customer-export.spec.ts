import type { Client } from '../helpers/client';
import { acceptedImport, existingCustomer, outcomeOf, readCustomer } from '../helpers/customers';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitForImport } from '../helpers/wait';

const FIELDS = 'customerId,createdAt,updatedAt,name,email,phone,address,tags,totalSpend,visits,lastVisit';

/** As the API tells a customer, but for what each tenant's own one has. */
interface Listed {
  name: string;
  email: string;
  [field: string]: unknown;
}

describe('GET /api/customer/export.csv', () => {
  let app: TestApp;
  let client: Client;

  beforeAll(async () => {
    app = await createTestApp({ variables: { EXPORT_ATTRIBUTES_MAX: '60' } });
  });

  beforeEach(() => {
    client = app.client();
  });

  afterAll(async () => {
    await app.close();
  });

  const imported = async (csv: string, by = client): Promise<void> => {
    const importId = await acceptedImport(by, csv);
    await waitForImport(by, importId);
    const { body } = await by.get(`/api/customer/imports/${importId}`);
    if (body.data.status !== 'completed') throw new Error(`Not imported: ${JSON.stringify(body.data)}`);
  };
  /** The file without its byte order mark. */
  const exported = async (query = '', by = client): Promise<string> => {
    const { status, body } = await by.get(`/api/customer/export.csv${query}`);
    if (status !== 200) throw new Error(`Not exported: ${status} ${JSON.stringify(body)}`);
    return String(body);
  };
  const linesOf = async (query = ''): Promise<string[]> => (await exported(query)).split('\r\n').slice(0, -1);
  const namesOf = async (query: string): Promise<(string | undefined)[]> =>
    (await linesOf(query)).slice(1).map((line) => line.split(',')[3]);
  const listed = async (by: Client): Promise<Listed[]> => {
    const { body } = await by.get('/api/customer?sort=email&limit=200');
    return (body.data.items as Listed[]).map(({ id: _, createdAt: __, updatedAt: ___, ...rest }) => rest);
  };

  it('has the columns of an upload, and one for each attribute', async () => {
    const csv = [
      'name,email,phone,address,tags,totalSpend,visits,lastVisit,plan',
      'Ana,ana@example.com,555 0100,Rua 1,vip;new,119.8,3,2026-01-31T12:00:00Z,gold',
      '',
    ].join('\n');
    await imported(csv);
    await existingCustomer(client, {
      name: 'Bo',
      email: 'bo@example.com',
      attributes: { seats: 12, on: true },
    });

    const [header, ana = '', bo = ''] = await linesOf('?sort=email');

    expect(header).toBe(`${FIELDS},on,plan,seats`);
    expect(ana.split(',').slice(3).join()).toBe(
      'Ana,ana@example.com,555 0100,Rua 1,vip;new,119.80,3,2026-01-31T12:00:00.000Z,,gold,',
    );
    expect(bo.split(',').slice(3).join()).toBe('Bo,bo@example.com,,,,0.00,0,,true,,12');
    const [customerId = '', createdAt, updatedAt] = ana.split(',');
    expect(await readCustomer(client, customerId)).toMatchObject({ createdAt, updatedAt, name: 'Ana' });
  });

  it('is a header alone where there are no customers', async () => {
    expect(await exported()).toBe(`${FIELDS}\r\n`);
  });

  it('is a CSV file to download, in UTF-8 and told so, that nothing keeps', async () => {
    await imported('name,email\nZoë 😀,zoe@example.com\n');

    const answer = await fetch(`${app.url}/api/customer/export.csv`, {
      headers: { authorization: `Bearer ${client.token}` },
    });

    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(bytes.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
    expect(bytes.toString()).toContain('Zoë 😀');
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="customers.csv"',
      'cache-control': 'no-store',
    });
  });

  it.each([
    ['search', '?search=AN', ['Ana', 'Dana']],
    ['email', '?email=Bo@example.com', ['Bo']],
    ['tag', '?tag=vip', ['Ana', 'Bo']],
    ['two of them', '?tag=vip&search=an', ['Ana']],
  ])('has the customers that %s finds', async (_, query, names) => {
    await imported('name,email,tags\nAna,a@example.com,vip\nBo,bo@example.com,vip\nDana,d@example.com,new\n');

    expect((await namesOf(query)).toSorted()).toEqual(names);
  });

  it('has no column for an attribute that only customers have who are not in it', async () => {
    await imported('name,email,plan,level\nAna,a@example.com,gold,\nBo,b@example.com,,1\n');

    expect((await linesOf('?search=bo'))[0]).toBe(`${FIELDS},level`);
  });

  it.each(['createdAt', '-createdAt', 'name', '-name', 'email', '-email'])(
    'is in the order of the list, over its pages: %s',
    async (sort) => {
      const rows = Array.from(
        { length: 250 },
        (_, row) => `N${(row * 7) % 13},${(row * 11) % 250}@example.com\n`,
      );
      await imported(`name,email\n${rows.join('')}`);
      const first = await client.get(`/api/customer?sort=${sort}&limit=200`);
      const rest = await client.get(`/api/customer?sort=${sort}&cursor=${first.body.data.nextCursor}`);

      const ids = (await linesOf(`?sort=${sort}`)).slice(1).map((line) => line.split(',')[0]);

      const items = [...first.body.data.items, ...rest.body.data.items] as { id: string }[];
      expect(ids).toEqual(items.map(({ id }) => id));
      expect(ids).toHaveLength(250);
    },
  );

  it.each(['limit=1', 'cursor=x', 'sort=_id', 'search=', 'tag=a&tag=b'])('refuses ?%s', async (query) => {
    const { status, body } = await client.get(`/api/customer/export.csv?${query}`);

    expect(status).toBe(400);
    expect(body.errors[0].field).toBe(query.split('=')[0]);
  });

  it('has no customer that was deleted, and none of another tenant', async () => {
    const deleted = await existingCustomer(client, { name: 'Gone' });
    await outcomeOf(client, await client.delete(`/api/customer/${deleted}`));
    await existingCustomer(app.client(), { name: 'Foreign', attributes: { secret: 'x' } });
    await existingCustomer(client, { name: 'Mine' });

    const csv = await exported();

    expect(csv).toContain('Mine');
    expect(csv).not.toMatch(/Gone|Foreign|secret/);
  });

  it('makes the same customers where it is uploaded', async () => {
    const csv = [
      'name,email,phone,address,tags,totalSpend,visits,lastVisit,=plan,note,toString',
      '=Ana,ana@example.com,+1 555 0100,"Rua ""1"", São\nPaulo",vip;-1,90071992.54,3,2026-01-31T12:00:00.123Z,-1,x,own',
      `"'=Bo; ""B"" | Jr",bo@example.com,,,,0,0,,,"'",`,
      '',
    ].join('\n');
    await imported(csv);
    await existingCustomer(client, {
      name: 'Cy',
      email: 'cy@example.com',
      attributes: { phone: '1', 'Last Visit': 'never', customerId: 'c-1' },
    });
    const other = app.client();

    await imported(await exported('?sort=name'), other);

    expect(await listed(other)).toEqual(await listed(client));
    expect(await listed(other)).toHaveLength(3);
  });

  it('changes nothing where it is uploaded again by its own tenant', async () => {
    await imported('name,email,totalSpend,visits,=plan\n=Ana,ana@example.com,10.5,2,-1\n');
    const importId = await acceptedImport(client, await exported());

    await waitForImport(client, importId);

    const { body } = await client.get(`/api/customer/imports/${importId}`);
    expect(body.data.counts).toMatchObject({ rows: 1, unchanged: 1 });
  });

  it('can be corrected after its upload as any file', async () => {
    await imported('name,email,=plan\n=Ana,ana@example.com,-1\n');
    const other = app.client();
    const wrong = (await exported()).replace('ana@example.com', 'no email');
    const importId = await acceptedImport(other, wrong);
    await waitForImport(other, importId);

    const errors = String((await other.get(`/api/customer/imports/${importId}/errors.csv`)).body);
    await imported(errors.replaceAll('no email', 'ana@example.com'), other);

    expect(errors).toMatch(/^line,reason,name,email,/);
    expect(await listed(other)).toEqual(await listed(client));
  });

  it('is refused where the attributes would be too many columns', async () => {
    const attributes = (from: number) =>
      Object.fromEntries(Array.from({ length: 40 }, (_, key) => [`key ${from + key}`, 'x']));
    await existingCustomer(client, { name: 'Ana', attributes: attributes(0) });
    await existingCustomer(client, { name: 'Bo', attributes: attributes(30) });

    const { status, headers, body } = await client.get('/api/customer/export.csv');

    expect(status).toBe(409);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(body.detail).toContain('more than 60 different attributes');
    expect(await linesOf('?search=bo')).toHaveLength(2);
  });

  it('is not for who has no token', async () => {
    const answer = await fetch(`${app.url}/api/customer/export.csv`);

    expect(answer.status).toBe(401);
  });
});
