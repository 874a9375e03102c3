import { buildCsv } from '../factories/csv';
import { acceptedImport } from '../helpers/customers';
import type { Client } from '../helpers/client';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitForImport } from '../helpers/wait';

describe('imports', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await createTestApp();
  });

  afterAll(async () => {
    await app.close();
  });

  const uploads = async (client: Client, count: number): Promise<string[]> => {
    const ids: string[] = [];
    for (let upload = 0; upload < count; upload++)
      ids.push(await acceptedImport(client, buildCsv({ rows: 1 })));
    return ids;
  };
  const idsOf = (items: { importId: string }[]) => items.map(({ importId }) => importId);

  it('can be asked for by their id: counts, sizes, times, and what was wrong', async () => {
    const client = app.client();
    const csv = 'name,email\nAna,ana@example.com\nBo,no email\n';

    const ended = await waitForImport(client, await acceptedImport(client, csv));

    expect(ended).toEqual({
      importId: expect.any(String),
      jobId: ended.importId,
      status: 'completed_with_errors',
      dryRun: false,
      counts: { rows: 2, processed: 2, created: 1, updated: 0, unchanged: 0, skipped: 0, rejected: 1 },
      bytes: csv.length,
      encoding: 'utf-8',
      delimiter: ',',
      queuedAt: expect.any(String),
      startedAt: expect.any(String),
      finishedAt: expect.any(String),
      rate: expect.any(Number),
      estimatedEndAt: null,
      cancelRequestedAt: null,
      undo: null,
      error: null,
      problems: [{ line: 3, field: 'email', code: 'invalid_email', message: expect.any(String) }],
    });
    expect(Date.parse(ended.startedAt)).toBeGreaterThanOrEqual(Date.parse(ended.queuedAt));
    expect(Date.parse(ended.finishedAt)).toBeGreaterThanOrEqual(Date.parse(ended.startedAt));
  });

  it('are one job to who uploaded them', async () => {
    const client = app.client();
    const importId = await acceptedImport(client, buildCsv({ rows: 2500 }));
    const { status, counts } = await waitForImport(client, importId);

    const { body } = await client.get(`/api/jobs/${importId}`);

    expect(body.data).toEqual({
      id: importId,
      type: 'BULK_IMPORT_CUSTOMERS',
      status: 'completed',
      attempts: 1,
      result: { importId, status, counts },
      error: null,
      queuedAt: expect.any(String),
      startedAt: expect.any(String),
      finishedAt: expect.any(String),
    });
  });

  it('name the first hundred problems and count all', async () => {
    const client = app.client();
    const csv = `name,email\n${'Bo,no email\n'.repeat(150)}Ana,ana@example.com\n`;

    const ended = await waitForImport(client, await acceptedImport(client, csv));

    expect(ended.counts).toMatchObject({ rows: 151, rejected: 150, created: 1 });
    expect(ended.problems.map(({ line }: { line: number }) => line)).toEqual(
      Array.from({ length: 100 }, (_, index) => index + 2),
    );
  });

  it('are listed, newest first, without their problems', async () => {
    const client = app.client();
    const ids = await uploads(client, 3);

    const { body } = await client.get('/api/customer/imports');

    expect(body).toEqual({ success: true, message: 'Imports found', data: expect.any(Object) });
    expect(idsOf(body.data.items)).toEqual(ids.toReversed());
    expect(body.data.nextCursor).toBeNull();
    expect(body.data.items[0]).not.toHaveProperty('problems');
  });

  it('are listed page by page, while others come in', async () => {
    const client = app.client();
    const ids = await uploads(client, 5);

    const first = await client.get('/api/customer/imports?limit=2');
    await uploads(client, 2);
    const second = await client.get(`/api/customer/imports?limit=2&cursor=${first.body.data.nextCursor}`);
    const third = await client.get(`/api/customer/imports?limit=2&cursor=${second.body.data.nextCursor}`);

    const pages = [first, second, third].map(({ body }) => idsOf(body.data.items));
    expect(pages.flat()).toEqual(ids.toReversed());
    expect(third.body.data.nextCursor).toBeNull();
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['cursor=abc', 'cursor'],
    ['status=failed', 'status'],
  ])('refuse to be listed by ?%s', async (query, field) => {
    const client = app.client();
    await uploads(client, 1);

    const { status, body } = await client.get(`/api/customer/imports?${query}`);

    expect(status).toBe(400);
    expect(body.errors).toMatchObject([{ field }]);
  });
});
