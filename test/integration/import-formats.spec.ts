import { parse } from 'csv-parse/sync';
import { buildCsv } from '../factories/csv';
import type { Client } from '../helpers/client';
import { csvSpectrum } from '../helpers/csv-spectrum';
import { acceptedImport } from '../helpers/customers';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitForImport } from '../helpers/wait';

const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le');

/** Files as they are in the world: what becomes of them, from the upload to the customers. */
describe('an import', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await createTestApp();
  });

  afterAll(async () => {
    await app.close();
  });

  const importAll = async (client: Client, csv: string | Buffer, mapping?: object) => {
    const query = mapping ? `?mapping=${encodeURIComponent(JSON.stringify(mapping))}` : '';
    return waitForImport(client, await acceptedImport(client, csv, query));
  };
  const customersOf = async (client: Client) => (await client.get('/api/customer?limit=200')).body.data.items;

  it.each<[string, string, (text: string) => Buffer]>([
    ['UTF-8', 'utf-8', (text) => Buffer.from(text)],
    ['UTF-8 with a byte order mark', 'utf-8', (text) => Buffer.from(`\ufeff${text}`)],
    ['UTF-16', 'utf-16le', utf16],
    ['big-endian UTF-16', 'utf-16be', (text) => utf16(text).swap16()],
    ['Windows-1252', 'windows-1252', (text) => Buffer.from(text, 'latin1')],
  ])('of %s has its letters right, and says that it is %s', async (_, encoding, encode) => {
    const client = app.client();
    // Beyond the first buffers, so that all before is taken for ASCII.
    const filler = buildCsv({ rows: 3000, prefix: 'f' }).split('\n').slice(1, -1).join('\n');

    const ended = await importAll(
      client,
      encode(`name,email,visits\n${filler}\nZoë Müller,zoe@example.com,3\n`),
    );

    const found = await client.get('/api/customer?email=zoe@example.com');
    expect(ended).toMatchObject({ status: 'completed', encoding, counts: { created: 3001 } });
    expect(found.body.data.items).toMatchObject([{ name: 'Zoë Müller' }]);
  });

  it.each([',', ';', '\t', '|'])('finds out that columns are separated by %j', async (delimiter) => {
    const client = app.client();
    const rows = [
      ['name', 'email', 'Note'],
      ['Ana', 'ana@example.com', '"a, b; c\td | e"'],
    ];

    const ended = await importAll(client, rows.map((row) => row.join(delimiter)).join('\r\n'));

    expect(ended).toMatchObject({ status: 'completed', delimiter });
    expect(await customersOf(client)).toMatchObject([
      { name: 'Ana', attributes: { Note: 'a, b; c\td | e' } },
    ]);
  });

  it('counts the lines of a file that Excel began with its separator', async () => {
    const ended = await importAll(app.client(), 'sep=;\r\nname;email\r\nAna;ana@example.com\r\nBo;no\r\n');

    expect(ended).toMatchObject({
      delimiter: ';',
      counts: { created: 1, rejected: 1 },
      problems: [{ line: 4, field: 'email' }],
    });
  });

  it('fills what a mapping says', async () => {
    const client = app.client();
    const csv = 'Full Name,E-Mail,Secret,Level,phone\nAna,ana@example.com,x,gold,555 0100\n';

    await importAll(client, csv, {
      'full name': 'name',
      'E-Mail': 'email',
      Secret: null,
      Level: 'attributes.Plan',
    });

    const [ana] = await customersOf(client);
    expect(ana).toMatchObject({ name: 'Ana', email: 'ana@example.com', phone: '555 0100' });
    expect(ana.attributes).toEqual({ Plan: 'gold' });
  });

  it.each<[string, string, object]>([
    ['no JSON', '{', { field: 'mapping', code: 'invalid_mapping' }],
    ['an unknown field', '{"name":"mail"}', { field: 'mapping', code: 'invalid_mapping' }],
    ['an unknown column', '{"Mail":"email"}', { field: 'mapping', code: 'unknown_column' }],
    ['a field twice', '{"Note":"email"}', { field: 'mapping', code: 'duplicate_column' }],
    ['10,000 characters', `{"Note":"${'x'.repeat(9_000)}"}`, { field: 'mapping', code: 'too_long' }],
  ])('is refused for a mapping with %s', async (_, mapping, error) => {
    const query = `?mapping=${encodeURIComponent(mapping)}`;

    const { status, body } = await app.client().upload('name,email,Note\nAna,ana@example.com,x\n', query);

    expect(status).toBe(400);
    expect(body.errors).toMatchObject([error]);
  });

  it('is refused for two mappings', async () => {
    const { status, body } = await app.client().upload('name,email\na,b\n', '?mapping={}&mapping={}');

    expect(status).toBe(400);
    expect(body.errors).toMatchObject([{ field: 'mapping' }]);
  });

  it('takes back an errors.csv, without its reports', async () => {
    const client = app.client();
    const csv = "\ufeffline,reason,name,email,Note\r\n7,name is required,Ana,ana@example.com,'=1+1\r\n";

    await importAll(client, csv);

    const [ana] = await customersOf(client);
    expect(ana).toMatchObject({ name: 'Ana', email: 'ana@example.com' });
    expect(ana.attributes).toEqual({ Note: '=1+1' });
  });

  it.each(csvSpectrum())('reads $name of csv-spectrum right', async ({ csv, rows }) => {
    const client = app.client();
    // Each row as it is written, with a name and an email behind it.
    const [header, ...records] = parse(csv, { raw: true, relax_quotes: true }) as unknown as {
      raw: string;
      record: string[];
    }[];
    const own = (raw = ''): string => raw.replace(/[\r\n]+$/, '');
    const file = [
      `${own(header?.raw)},Customer,Contact`,
      ...records.map(({ raw }, index) => `${own(raw)},Ana,ana-${index}@example.com`),
    ].join('\n');
    const mapping = {
      ...Object.fromEntries((header?.record ?? []).map((text) => [text, `attributes.${text}`])),
      Customer: 'name',
      Contact: 'email',
    };

    const { status } = await importAll(client, file, mapping);

    const customers = (await customersOf(client)) as { email: string; attributes: object }[];
    const imported = customers
      .sort((a, b) => a.email.localeCompare(b.email))
      .map(({ attributes }) => attributes);
    // What is empty is not kept, nor is the white space around a cell.
    const kept = rows.map((row) =>
      Object.fromEntries(
        Object.entries(row)
          .map(([key, value]) => [key, value.trim()])
          .filter(([, value]) => value !== ''),
      ),
    );
    expect(status).toBe('completed');
    expect(imported).toEqual(kept);
  });
});
