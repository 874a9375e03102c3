import { gzipSync } from 'node:zlib';
import { buildCsv } from '../factories/csv';
import type { Answer, Client } from '../helpers/client';
import { Stores } from '../helpers/stores';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitForImport } from '../helpers/wait';

const HEADER = 'name,email\n';
const ROW = 'Ana,ana@example.com\n';
const asQuery = (mapping: object): string => `?mapping=${encodeURIComponent(JSON.stringify(mapping))}`;

describe('POST /api/customer/imports/preview', () => {
  let app: TestApp;
  let client: Client;

  beforeAll(async () => {
    app = await createTestApp();
    client = app.client();
  });

  afterAll(async () => {
    await app.close();
  });

  const previewOf = async (csv: string | Buffer, query = '') => {
    const { status, body } = await client.preview(csv, query);
    if (status !== 200) throw new Error(`No preview: ${status} ${JSON.stringify(body)}`);
    return body.data;
  };

  it('tells how a file would be read: delimiter, encoding, columns, rows with all their problems', async () => {
    const csv =
      'name;e-mail;Plan;visits\r\nZoë;zoe@example.com;Pro;3\r\n;nope;"x;y";many\r\na;"b"c;d;1\r\na;b\r\n';

    const { status, body } = await client.preview(Buffer.from(csv, 'latin1'));

    const problem = (field: string, code: string) => ({ field, code, message: expect.any(String) });
    expect(status).toBe(200);
    expect(body).toEqual({
      success: true,
      message: 'File previewed',
      data: {
        delimiter: ';',
        encoding: 'windows-1252',
        columns: [
          { header: 'name', target: 'name' },
          { header: 'e-mail', target: 'email' },
          { header: 'Plan', target: 'attributes.Plan' },
          { header: 'visits', target: 'visits' },
        ],
        mapping: { name: 'name', 'e-mail': 'email', Plan: 'attributes.Plan', visits: 'visits' },
        rows: [
          { line: 2, values: ['Zoë', 'zoe@example.com', 'Pro', '3'], problems: [] },
          {
            line: 3,
            values: ['', 'nope', 'x;y', 'many'],
            problems: [
              problem('name', 'required'),
              problem('email', 'invalid_email'),
              problem('visits', 'invalid_number'),
            ],
          },
          { line: 4, values: ['a', '"b"c', 'd', '1'], problems: [problem('email', 'malformed_quotes')] },
          {
            line: 5,
            values: ['a', 'b'],
            problems: [{ code: 'column_count', message: expect.any(String) }],
          },
        ],
        problems: [],
      },
    });
  });

  it('proposes a mapping that the upload takes as it is', async () => {
    const csv =
      'Full Name\tE-Mail Address\tMobile\t$internal\t\tPlan\nAna\tana@example.com\t555 0100\tx\ty\tPro\n';

    const { mapping } = await previewOf(csv);
    const refused = await client.upload(csv);
    const accepted = await client.upload(csv, asQuery(mapping));

    expect(mapping).toEqual({
      'Full Name': 'name',
      'E-Mail Address': 'email',
      Mobile: 'phone',
      $internal: null,
      '': null,
      Plan: 'attributes.Plan',
    });
    expect(refused.status).toBe(400);
    expect(await waitForImport(client, accepted.body.data.importId)).toMatchObject({
      status: 'completed',
      delimiter: '\t',
      counts: { rows: 1, created: 1 },
    });
    expect((await client.get('/api/customer?email=ana@example.com')).body.data.items).toMatchObject([
      { name: 'Ana', phone: '555 0100', attributes: { Plan: 'Pro' } },
    ]);
  });

  it('shows what a mapping makes of the file', async () => {
    const csv = 'Mail,Work Mail,Label\na,ana@example.com,Ana\n';

    const mapped = await previewOf(csv, asQuery({ 'work mail': 'email', label: 'name', Mail: 'ignore' }));

    expect(mapped).toMatchObject({
      mapping: { Mail: null, 'Work Mail': 'email', Label: 'name' },
      rows: [{ line: 2, problems: [] }],
      problems: [],
    });
  });

  it.each<[string, string, string, object[]]>([
    ['lacks columns', 'a,b\n1,2\n', '', [{ field: 'name', code: 'missing_column' }, { field: 'email' }]],
    ['has a column twice', 'name,email,Name\na,b,c\n', '', [{ field: 'Name', code: 'duplicate_column' }]],
    [
      'lacks a column of the mapping',
      HEADER + ROW,
      asQuery({ mail: 'email' }),
      [{ field: 'mapping', code: 'unknown_column' }],
    ],
    [
      'has a thousand columns',
      `${HEADER.trim()},${Array.from({ length: 998 }, (_, i) => `c${i}`).join()}\na,b\n`,
      '',
      [{ field: 'file', code: 'too_many_columns' }],
    ],
    ['has a million columns', `${HEADER.trim()}${',a'.repeat(1_000_000)}\na,b\n`, '', [{ field: 'file' }]],
  ])('says what an upload would be refused for, when the file %s', async (_, csv, query, problems) => {
    expect((await previewOf(csv, query)).problems).toMatchObject(problems);
  });

  it('shows twenty rows, and only the beginning of long cells', async () => {
    const long = `${HEADER}${'x'.repeat(5000)},a\n`;

    const [many, cut] = [await previewOf(buildCsv({ rows: 1000 })), await previewOf(long)];

    expect(many.rows.map(({ line }: { line: number }) => line)).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 2),
    );
    expect(cut.rows[0].values).toEqual([`${'x'.repeat(1000)}…`, 'a']);
  });

  it('takes forms and gzip as an upload does, and Windows-1252, UTF-16 and a named separator', async () => {
    const path = '/api/customer/imports/preview';
    const answers: [Answer, string, string][] = [
      [await client.uploadForm(HEADER + ROW, 'file', path), 'utf-8', ','],
      [await client.preview(gzipSync(HEADER + ROW), '', { 'content-encoding': 'gzip' }), 'utf-8', ','],
      [await client.preview(Buffer.from(`\ufeff${HEADER}${ROW}`, 'utf16le')), 'utf-16le', ','],
      [await client.preview(Buffer.from(`\ufeff${HEADER}${ROW}`, 'utf16le').swap16()), 'utf-16be', ','],
      [await client.preview('sep=|\nname|email\nAna|ana@example.com\n'), 'utf-8', '|'],
    ];

    for (const [{ status, body }, encoding, delimiter] of answers) {
      expect(status).toBe(200);
      expect(body.data).toMatchObject({
        ...{ encoding, delimiter, problems: [] },
        rows: [{ values: ['Ana', 'ana@example.com'], problems: [] }],
      });
    }
    expect(answers[4]?.[0].body.data.rows[0].line).toBe(3);
  });

  it.each<[string, number, () => Promise<Answer>]>([
    ['an empty file', 400, () => client.preview('')],
    ['a file of only a header', 400, () => client.preview(HEADER)],
    ['a header that can not be read', 400, () => client.preview('"name"x,email\na,b\n')],
    ['bad gzip', 400, () => client.preview(HEADER, '', { 'content-encoding': 'gzip' })],
    ['a form without a file', 400, () => client.uploadForm(HEADER, 'other', '/api/customer/imports/preview')],
    ['a mapping that is no JSON', 400, () => client.preview(HEADER + ROW, '?mapping=x')],
    ['another parameter', 400, () => client.preview(HEADER + ROW, '?onDuplicate=skip')],
    ['an endless line', 400, () => client.preview('x'.repeat(3 * 1024 * 1024))],
    ['JSON', 415, () => client.preview('{}', '', { 'content-type': 'application/json' })],
    ['an Excel workbook', 415, () => client.preview(Buffer.from([0x50, 0x4b, 3, 4, 20]))],
    ['UTF-16 without a mark', 415, () => client.preview(Buffer.from(HEADER + ROW, 'utf16le'))],
  ])('refuses %s as an upload does: %d', async (_, status, preview) => {
    const answer = await preview();

    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });

  it('needs a token, and counts against the limit of the tenant', async () => {
    const limited = await createTestApp({ role: 'api', variables: { RATE_LIMIT_PER_MINUTE: '1' } });
    const guest = limited.client();

    const statuses = [await guest.preview(HEADER + ROW), await guest.preview(HEADER + ROW)];
    const nobody = await guest.preview(HEADER + ROW, '', { authorization: 'Bearer x' });
    await limited.close();

    expect(statuses.map(({ status }) => status)).toEqual([200, 429]);
    expect(nobody.status).toBe(401);
  });

  it('needs neither Redis nor MongoDB', async () => {
    const alone = await createTestApp({
      role: 'api',
      variables: { REDIS_URL: 'redis://127.0.0.1:1', MONGODB_URI: 'mongodb://127.0.0.1:1/none' },
      awaitReady: false,
    });

    const { status } = await alone.client().preview(HEADER + ROW);
    await alone.close();

    expect(status).toBe(200);
  });

  it('leaves nothing behind', async () => {
    const stores = await Stores.of(app);
    const before = await stores.uploadKeys();

    await client.preview(buildCsv({ rows: 5000 }));

    expect(await stores.uploadKeys()).toEqual(before);
    await stores.close();
  });
});
