import { gzipSync } from 'node:zlib';
import { buildCsv } from '../factories/csv';
import type { Answer, Client } from '../helpers/client';
import { Stores } from '../helpers/stores';
import { createTestApp, type TestApp } from '../helpers/test-app';

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex');
const HEADER = 'name,email\n';
const ROW = 'Ana,ana@example.com\n';
/** Enough rows that some are stored before the end is looked at. */
const MANY = buildCsv({ rows: 3000 });
const FORM = { 'content-type': 'multipart/form-data; boundary=x' };
const part = (name: string, content: string, filename?: string) =>
  `--x\r\nContent-Disposition: form-data; name="${name}"${filename === undefined ? '' : `; filename="${filename}"`}\r\n\r\n${content}\r\n`;

/** Files and bodies that are refused as a whole, at once; by what they say they are: content-types.spec.ts. No worker runs: what is queued would stay. */
describe('a bad upload', () => {
  let app: TestApp;
  let client: Client;
  let stores: Stores;

  beforeAll(async () => {
    app = await createTestApp({
      role: 'api',
      variables: { IMPORT_MAX_BYTES: '262144', IMPORT_MAX_RECORD_BYTES: '4096' },
    });
    client = app.client();
    stores = await Stores.of(app);
  });

  afterAll(async () => {
    await stores.close();
    await app.close();
  });

  /** Uploads, and makes sure that nothing of it was kept. */
  const refused = async (upload: () => Promise<Answer>): Promise<Answer> => {
    const before = await stores.uploadKeys();

    const answer = await upload();

    expect(answer.status).not.toBe(202);
    // The jobs are among the keys.
    expect(await stores.uploadKeys()).toEqual(before);
    expect(await stores.countCustomers()).toBe(0);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({
      status: answer.status,
      success: false,
      instance: '/api/customer/upload',
      message: answer.body.detail,
      requestId: expect.any(String),
    });
    return answer;
  };

  it('would leave four keys if it were good: its import, chunk, job, and the list of imports', async () => {
    const other = await createTestApp({ role: 'api' });
    const left = await Stores.of(other);

    await other.client().upload(HEADER + ROW);
    const keys = await left.uploadKeys();
    const jobs = await left.queue.getJobCountByTypes();
    await left.close();
    await other.close();

    expect([keys.length, jobs]).toEqual([4, 1]);
  });

  it.each<[string, string | Buffer, object]>([
    ['an empty file', '', { field: 'file', code: 'empty_file' }],
    ['a file of blank lines', '\n\r\n\n', { field: 'file', code: 'empty_file' }],
    ['a file of a byte order mark', '\ufeff', { field: 'file', code: 'empty_file' }],
    ['a file of only a header', HEADER, { field: 'file', code: 'header_only' }],
    ['a header without a line end', 'name,email', { field: 'file', code: 'header_only' }],
    ['no column for the email', 'name,phone\nAna,555\n', { field: 'email', code: 'missing_column' }],
    ['no column for the name', 'email\nana@example.com\n', { field: 'name', code: 'missing_column' }],
    ['no header', ROW + ROW, { field: 'ana@example.com', code: 'bad_column_name' }],
    ['another delimiter', 'name:email\nAna:ana@example.com\n', { code: 'missing_column' }],
    ['a column twice', `name,email,Email\n${ROW}`, { field: 'Email', code: 'duplicate_column' }],
    [
      'two spellings of a column',
      'name,email,total_spend,Total Spend\na,b,1,2\n',
      { code: 'duplicate_column' },
    ],
    ['an own column twice', 'name,email,plan,Plan\na,b,1,2\n', { code: 'duplicate_column' }],
    ['a column without a name', 'name,email,\na,b,c\n', { code: 'empty_column_name' }],
    ['a column named like an operator', 'name,email,$set\na,b,c\n', { code: 'bad_column_name' }],
    ['a column named __proto__', 'name,email,__proto__\na,b,c\n', { code: 'bad_column_name' }],
    [
      '51 columns of its own',
      `${HEADER.trim()},${'a b c d e'
        .split(' ')
        .flatMap((l) => Array.from({ length: 11 }, (_, i) => l + String(i)))
        .slice(0, 51)
        .join()}\n`,
      { code: 'too_many_columns' },
    ],
    [
      'a quote that is never closed',
      `${HEADER}"Ana,ana@example.com\n${ROW}`,
      { field: 'line 2', code: 'unclosed_quote' },
    ],
    [
      'a quote that is never closed, late',
      `${MANY}"Ana,ana@example.com`,
      { field: 'line 3002', code: 'unclosed_quote' },
    ],
    ['text after a quote in the header', '"name"x,email\na,b\n', { code: 'malformed_header' }],
    [
      'a record over IMPORT_MAX_RECORD_BYTES',
      `${HEADER}${'x'.repeat(4096)},a@example.com\n`,
      { field: 'line 2', code: 'record_too_long' },
    ],
    ['one endless line', 'x'.repeat(100_000), { field: 'line 1', code: 'record_too_long' }],
  ])('is answered 400, with the place, for %s', async (_, csv, error) => {
    const { status, body } = await refused(() => client.upload(csv));

    expect(status).toBe(400);
    expect(body.errors).toEqual([
      { field: expect.any(String), code: expect.any(String), message: expect.any(String), ...error },
    ]);
  });

  it.each<[string, Buffer]>([
    ['an image', PNG],
    ['a NUL within the text', Buffer.from(`${HEADER}A\u0000na,ana@example.com\n`)],
    ['a NUL late in the file', Buffer.from(`${MANY}A\u0000na,ana@example.com\n`)],
    ['UTF-8 and then Latin-1', Buffer.concat([Buffer.from(`${HEADER}Zoë`), Buffer.from('ë', 'latin1')])],
    ['a byte that Windows-1252 does not have', Buffer.from(`${HEADER}Zo\x81,zoe@example.com\n`, 'latin1')],
    ['UTF-16 with half a character', Buffer.from(`\ufeff${HEADER}${ROW}\udc00`, 'utf16le')],
    ['UTF-32', Buffer.from('fffe00006e000000', 'hex')],
    ['UTF-16 without a byte order mark', Buffer.from(HEADER + ROW, 'utf16le')],
    ['a character that is cut in two at the end', Buffer.from(`${HEADER}Zoëë`).subarray(0, -1)],
    ['an Excel workbook', Buffer.from([0x50, 0x4b, 3, 4, 20, 0, 6, 0, 8, 0])],
    ['gzip that is not announced', gzipSync(HEADER + ROW)],
  ])('is answered 415 for %s', async (_, bytes) => {
    const { status, body } = await refused(() => client.upload(bytes));

    expect(status).toBe(415);
    expect(body.detail).toEqual(expect.any(String));
  });

  it('says in which line it is no text', async () => {
    const bytes = Buffer.concat([Buffer.from(MANY), Buffer.from('Zo\x81,zoe@example.com\n', 'latin1')]);

    const { body } = await refused(() => client.upload(bytes));

    expect(body.detail).toContain('Line 3002 ');
  });

  describe('over IMPORT_MAX_BYTES', () => {
    const large = buildCsv({ rows: 8000 });
    const ways: [string, () => Promise<Answer>][] = [
      ['that tells its length', () => client.upload(large)],
      ['that does not tell its length', () => client.upload(new Blob([large]).stream())],
      ['in a form', () => client.uploadForm(large)],
      ['once it is unpacked', () => client.upload(gzipSync(large), '', { 'content-encoding': 'gzip' })],
    ];

    it.each(ways)('is answered 413: one %s', async (_, upload) => {
      const { status, body } = await refused(upload);

      expect(large.length).toBeGreaterThan(262_144);
      expect(status).toBe(413);
      expect(body.detail).toContain('262144 bytes');
    });

    it('is accepted with just as many bytes', async () => {
      const exact = await createTestApp({
        role: 'api',
        variables: { IMPORT_MAX_BYTES: String(MANY.length) },
      });

      const answers = [await exact.client().upload(MANY), await exact.client().upload(`${MANY}\n`)];
      await exact.close();

      expect(answers.map(({ status }) => status)).toEqual([202, 413]);
    });
  });

  describe('whose gzip', () => {
    const gzip = { 'content-encoding': 'gzip' };

    it.each([
      ['is none', Buffer.from(HEADER + ROW)],
      ['is cut off', gzipSync(MANY).subarray(0, -20)],
      ['is damaged', Buffer.concat([gzipSync(MANY).subarray(0, 2000), Buffer.alloc(2000, 7)])],
    ])('%s is answered 400', async (_, bytes) => {
      const { status, body } = await refused(() => client.upload(bytes, '', gzip));

      expect(status).toBe(400);
      expect(body.errors).toMatchObject([{ field: 'file' }]);
    });
  });

  describe('whose form', () => {
    const sendForm = (body: string) =>
      client.fetch('/api/customer/upload', { method: 'POST', headers: FORM, body });

    it.each([
      ['is empty', '--x--\r\n'],
      ['has no file', `${part('file', HEADER + ROW)}--x--\r\n`],
      ['has a file of another name', `${part('data', HEADER + ROW, 'a.csv')}--x--\r\n`],
      [
        'has two files',
        `${part('file', HEADER + ROW, 'a.csv')}${part('file', HEADER + ROW, 'b.csv')}--x--\r\n`,
      ],
      ['ends before its end', part('file', HEADER + ROW, 'a.csv').slice(0, -10)],
      ['ends without its last boundary', part('file', HEADER + ROW, 'a.csv')],
      ['is none', HEADER + ROW],
    ])('%s is answered 400', async (_, body) => {
      const answer = await refused(() => sendForm(body));

      expect(answer.status).toBe(400);
      expect(answer.body.errors).toMatchObject([{ field: 'file' }]);
    });

    it('may have other fields', async () => {
      const form = `${part('comment', 'x')}${part('file', HEADER + ROW, 'a.csv')}--x--\r\n`;

      const { status } = await app.client().fetch('/api/customer/upload', {
        method: 'POST',
        headers: FORM,
        body: form,
      });

      expect(status).toBe(202);
    });

    it('has no boundary is answered 400 or 415', async () => {
      const answer = await refused(() =>
        client.fetch('/api/customer/upload', {
          method: 'POST',
          headers: { 'content-type': 'multipart/form-data' },
          body: HEADER + ROW,
        }),
      );

      expect([400, 415]).toContain(answer.status);
    });
  });

  it('is answered 415 without a body', async () => {
    const { status } = await refused(() => client.fetch('/api/customer/upload', { method: 'POST' }));

    expect(status).toBe(415);
  });

  it.each(['onDuplicate=x', 'priority=x', 'runAt=x', 'force=true'])(
    'is answered 400 for ?%s',
    async (query) => {
      const { status, body } = await refused(() => client.upload(HEADER + ROW, `?${query}`));

      expect(status).toBe(400);
      expect(body.errors).toMatchObject([{ field: query.split('=')[0] }]);
    },
  );
});
