import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildCsv, emailOfRow } from '../factories/csv';
import type { Answer, Client } from '../helpers/client';
import { acceptedImport, existingCustomer, readCustomer } from '../helpers/customers';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitFor, waitForImport } from '../helpers/wait';

const SAMPLE = path.join(__dirname, '../../samples/customers-1000.csv');
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

interface Counts {
  rows: number;
  processed: number;
  created: number;
  updated: number;
  unchanged: number;
  skipped: number;
  rejected: number;
}
const sumOf = ({ created, updated, unchanged, skipped, rejected }: Counts): number =>
  created + updated + unchanged + skipped + rejected;

describe('POST /api/customer/upload', () => {
  let app: TestApp;
  let sample: Buffer;

  beforeAll(async () => {
    app = await createTestApp();
    sample = await readFile(SAMPLE);
  });

  afterAll(async () => {
    await app.close();
  });

  const findByEmail = async (client: Client, email: string) =>
    (await client.get(`/api/customer?email=${encodeURIComponent(email)}`)).body.data.items[0];
  /** Imports a file to its end. */
  const importAll = async (client: Client, csv: string | Buffer, query = '') =>
    waitForImport(client, await acceptedImport(client, csv, query));

  describe('of samples/customers-1000.csv', () => {
    const ways: [string, (client: Client) => Promise<Answer>][] = [
      ['as a file of a form', (client) => client.uploadForm(sample)],
      ['as a text/csv body', (client) => client.upload(sample)],
      ['as a gzip body', (client) => client.upload(gzipSync(sample), '', { 'content-encoding': 'gzip' })],
      ['in pieces without a length', (client) => client.upload(new Blob([sample]).stream())],
    ];

    it.each(ways)('%s answers 202 as the contract says, and imports each row', async (_, upload) => {
      const client = app.client();

      const { status, headers, body } = await upload(client);
      const ended = await waitForImport(client, body.data.importId);

      expect(status).toBe(202);
      expect(body).toEqual({
        success: true,
        message: 'Processing asynchronously',
        status: 'queued',
        data: {
          importId: expect.stringMatching(UUID),
          jobId: body.data.importId,
          status: 'queued',
          rows: 1000,
          bytes: sample.length,
        },
      });
      expect(headers.get('location')).toBe(`/api/jobs/${body.data.jobId}`);
      expect(headers.get('retry-after')).toBe('1');
      // 20 of the 988 good rows are of customers that are in the file twice; two rows of one may differ or not.
      expect(ended).toMatchObject({
        status: 'completed_with_errors',
        counts: { rows: 1000, processed: 1000, created: 968, skipped: 0, rejected: 12 },
      });
      expect(Number(ended.counts.updated) + Number(ended.counts.unchanged)).toBe(20);
    });

    it('tells of each bad row the line, the field and why', async () => {
      const client = app.client();

      const { problems } = await importAll(client, sample);

      expect(problems).toHaveLength(12);
      expect(problems[0]).toEqual({ line: 25, field: 'name', code: 'required', message: 'name is required' });
      const lines = problems.map(({ line }: { line: number }) => line);
      expect(lines).toEqual([25, 92, 151, 219, 293, 360, 435, 511, 588, 673, 782, 956]);
    });

    it('makes customers that can be read, quotes, commas and scripts as they were', async () => {
      const client = app.client();

      await importAll(client, sample);

      expect(await findByEmail(client, 'ana.souza@example.com')).toMatchObject({
        name: 'Ana "Nita" Souza',
        phone: '+1.012.555.0185',
        address: 'Rua das Flores, 12, São Paulo',
        tags: ['newsletter'],
        attributes: { Company: 'ACME', Plan: 'Enterprise' },
        stats: { totalSpend: '5662.19', visits: 101, lastVisit: '2022-01-08T00:14:00.000Z' },
      });
      expect(await findByEmail(client, 'david.levi1@example.com')).toMatchObject({
        name: 'דוד לוי',
        tags: ['wholesale', 'β-tester'],
      });
    });

    it('changes nothing the second time', async () => {
      const client = app.client();
      const first = await importAll(client, sample);
      const before = await findByEmail(client, 'ana.souza@example.com');

      const again = await importAll(client, sample);

      expect(again.counts).toMatchObject({ processed: 1000, created: 0, rejected: 12, skipped: 0 });
      // A customer that is twice in the file, differently, goes back and forth; all others stay as they are.
      expect(again.counts.unchanged).toBeGreaterThanOrEqual(first.counts.created - first.counts.updated);
      expect(await findByEmail(client, 'ana.souza@example.com')).toEqual(before);
    });
  });

  describe('onDuplicate', () => {
    const arrange = async () => {
      const client = app.client();
      const id = await existingCustomer(client, {
        email: 'ana@example.com',
        name: 'Before',
        phone: '555-0100',
      });
      return { client, id };
    };
    const CSV = 'name,email,phone,plan\nAfter,ANA@example.com,,gold\nNew,new@example.com,,\n';

    it('is update where not said: cells that hold something change the customer', async () => {
      const { client, id } = await arrange();

      const ended = await importAll(client, CSV);

      expect(ended).toMatchObject({ status: 'completed', counts: { created: 1, updated: 1 } });
      expect(await readCustomer(client, id)).toMatchObject({
        name: 'After',
        phone: '555-0100',
        attributes: { plan: 'gold' },
      });
    });

    it('counts a row that would change nothing as unchanged', async () => {
      const { client } = await arrange();
      await importAll(client, CSV);

      const again = await importAll(client, CSV, '?onDuplicate=update');

      expect(again.counts).toMatchObject({ created: 0, updated: 0, unchanged: 2 });
    });

    it('skip leaves the customer as it is, and counts the row as skipped', async () => {
      const { client, id } = await arrange();

      const ended = await importAll(client, CSV, '?onDuplicate=skip');

      expect(ended).toMatchObject({ status: 'completed', counts: { created: 1, skipped: 1, rejected: 0 } });
      expect((await readCustomer(client, id)).name).toBe('Before');
    });

    it('fail rejects the row with its line, and imports the others', async () => {
      const { client, id } = await arrange();

      const ended = await importAll(client, CSV, '?onDuplicate=fail');

      expect(ended).toMatchObject({
        status: 'completed_with_errors',
        counts: { created: 1, rejected: 1 },
        problems: [{ line: 2, field: 'email' }],
      });
      expect((await readCustomer(client, id)).name).toBe('Before');
    });

    it('holds within the file too', async () => {
      const client = app.client();
      const csv = 'name,email\nFirst,a@example.com\nSecond,a@example.com\n';

      const ended = await importAll(client, csv, '?onDuplicate=skip');

      expect(ended.counts).toMatchObject({ created: 1, skipped: 1 });
      expect((await findByEmail(client, 'a@example.com')).name).toBe('First');
    });

    it('brings nobody back who was deleted, but makes a new customer', async () => {
      const { client, id } = await arrange();
      const { body } = await client.delete(`/api/customer/${id}`);
      await waitFor(
        'the delete',
        () => client.get(`/api/jobs/${body.data.jobId}`),
        (job) => job.body.data.status === 'completed',
      );

      const ended = await importAll(client, CSV);

      expect(ended.counts).toMatchObject({ created: 2 });
      expect((await findByEmail(client, 'ana@example.com')).id).not.toBe(id);
    });

    it('is refused when it is none of the three', async () => {
      const { status, body } = await app.client().upload(CSV, '?onDuplicate=replace');

      expect(status).toBe(400);
      expect(body.errors).toMatchObject([{ field: 'onDuplicate' }]);
    });
  });

  describe('columns', () => {
    it('are known in any case, with spaces, and in any order', async () => {
      const client = app.client();
      const csv = [
        ' VISITS ,Last_Visit,E mail,Total Spend,TAGS,Name',
        '3,2026-01-31,ana@example.com,19.9,a;b;;a,Ana',
        '',
      ].join('\n');

      const ended = await importAll(client, csv);

      expect(ended.status).toBe('completed');
      expect(await findByEmail(client, 'ana@example.com')).toMatchObject({
        name: 'Ana',
        tags: ['a', 'b'],
        attributes: {},
        stats: { totalSpend: '19.90', visits: 3, lastVisit: '2026-01-31T00:00:00.000Z' },
      });
    });

    it('that are not known become attributes under their own name', async () => {
      const client = app.client();

      await importAll(
        client,
        'name,email,Favourite Colour,нота\nAna,ana@example.com,blue,до\nBo,bo@example.com,,\n',
      );

      expect((await findByEmail(client, 'ana@example.com')).attributes).toEqual({
        'Favourite Colour': 'blue',
        нота: 'до',
      });
      expect((await findByEmail(client, 'bo@example.com')).attributes).toEqual({});
    });
  });

  it('imports each of 3,000 rows', async () => {
    const client = app.client();
    const csv = buildCsv({ rows: 3000, prefix: 'bulk' });

    const ended = await importAll(client, csv);

    expect(ended).toMatchObject({
      status: 'completed',
      counts: { rows: 3000, processed: 3000, created: 3000 },
    });
    const emails: string[] = [];
    let cursor = '';
    do {
      const { body } = await client.get(`/api/customer?limit=200&sort=email${cursor && `&cursor=${cursor}`}`);
      emails.push(...body.data.items.map(({ email }: { email: string }) => email));
      cursor = body.data.nextCursor ?? '';
    } while (cursor);
    expect(emails).toEqual(Array.from({ length: 3000 }, (_, row) => emailOfRow('bulk', row)).toSorted());
  });

  it('shows counts that only grow and add up at every look, from queued to the end', async () => {
    const client = app.client();
    const looks: { status: string; counts: Counts }[] = [];

    const importId = await acceptedImport(client, buildCsv({ rows: 20_000 }));
    const look = async () => {
      const { body } = await client.get(`/api/customer/imports/${importId}`);
      looks.push(body.data);
      return body.data;
    };
    const ended = await waitFor('the end', look, ({ status }) => status === 'completed', { everyMs: 1 });

    expect(looks.map(({ counts }) => counts.processed - sumOf(counts))).toEqual(looks.map(() => 0));
    const processed = looks.map(({ counts }) => counts.processed);
    expect(processed).toEqual(processed.toSorted((a, b) => a - b));
    expect(new Set(processed).size).toBeGreaterThan(2);
    expect(ended).toMatchObject({
      counts: { rows: 20_000, processed: 20_000, created: 20_000 },
      startedAt: expect.any(String),
      finishedAt: expect.any(String),
      rate: expect.any(Number),
      estimatedEndAt: null,
      error: null,
    });
  });
});
