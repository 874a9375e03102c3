import { buildCsv, emailOfRow } from '../factories/csv';
import type { Client } from '../helpers/client';
import { acceptedImport } from '../helpers/customers';
import { createDeliveries, type Deliveries } from '../helpers/deliveries';
import { Stores } from '../helpers/stores';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { newTenant } from '../helpers/tokens';
import { waitForImport } from '../helpers/wait';

const ROWS = 2500;
/** How a file of three chunks may come to the workers. */
const COMINGS = ['in order', 'from behind', 'at once', 'each twice at once'] as const;

describe('rows of one file with the same email', () => {
  let api: TestApp;
  let tenantId: string;
  let client: Client;
  let stores: Stores;
  let deliveries: Deliveries;
  let prefix: string;

  beforeAll(async () => {
    api = await createTestApp({ role: 'api' });
    stores = await Stores.of(api);
    deliveries = await createDeliveries(api);
  });

  beforeEach(() => {
    tenantId = newTenant();
    client = api.client({ tenantId });
    prefix = newTenant();
  });

  afterAll(async () => {
    await deliveries.close();
    await stores.close();
    await api.close();
  });

  const come = async (importId: string, how: (typeof COMINGS)[number]): Promise<void> => {
    const chunks = await deliveries.chunksOf(importId);
    if (how === 'from behind') for (const chunk of chunks.toReversed()) await deliveries.deliver(chunk);
    if (how === 'at once') await Promise.all(chunks.map((chunk) => deliveries.deliver(chunk)));
    await deliveries.drain(how === 'each twice at once' ? new Set(chunks) : undefined);
  };
  const read = async (importId: string) => (await client.get(`/api/customer/imports/${importId}`)).body.data;
  const outcomes = async (importId: string): Promise<Map<number, string>> => {
    const { body } = await client.get(`/api/customer/imports/${importId}/results.csv`);
    const lines = String(body).split('\r\n').slice(1, -1);
    return new Map(lines.map((line) => [Number(line.split(',')[0]), line.split(',')[1] ?? '']));
  };
  const nameOf = async (email: string): Promise<string> =>
    (await client.get(`/api/customer?email=${email}`)).body.data.items[0]?.name;

  /** The first row and the last have the email of row 1,200; that of line 1,700 is wrong in the first place. */
  const fileOf = (): string[] => {
    const lines = buildCsv({ rows: ROWS, prefix }).trimEnd().split('\n');
    const twice = emailOfRow(prefix, 1200);
    const mended = 'mended@example.com';
    lines[1] = `First,${twice},1`;
    lines[ROWS] = `Last,${twice},1`;
    lines[10] = `,${mended},1`;
    lines[1700] = `Mended,${mended},1`;
    lines[2200] = `Mended again,${mended},1`;
    return lines;
  };

  it.each(COMINGS)('make one customer of the first valid row, and skip the others, %s', async (how) => {
    const importId = await acceptedImport(client, fileOf().join('\n'), '?onDuplicate=skip');

    await come(importId, how);

    expect(await read(importId)).toMatchObject({
      status: 'completed_with_errors',
      counts: { rows: ROWS, processed: ROWS, created: ROWS - 4, skipped: 3, rejected: 1 },
    });
    const of = await outcomes(importId);
    expect([2, 1202, ROWS + 1].map((line) => of.get(line))).toEqual(['created', 'skipped', 'skipped']);
    expect([11, 1701, 2201].map((line) => of.get(line))).toEqual(['rejected', 'created', 'skipped']);
    expect(await nameOf(emailOfRow(prefix, 1200))).toBe('First');
    expect(await nameOf('mended@example.com')).toBe('Mended');
  });

  it.each(COMINGS)('make one customer of the first valid row, and reject the others, %s', async (how) => {
    const importId = await acceptedImport(client, fileOf().join('\n'), '?onDuplicate=fail');

    await come(importId, how);

    expect(await read(importId)).toMatchObject({
      counts: { processed: ROWS, created: ROWS - 4, skipped: 0, rejected: 4 },
      problems: [{ line: 11 }, { line: 1202 }, { line: 2201 }, { line: ROWS + 1 }],
    });
    expect(await nameOf(emailOfRow(prefix, 1200))).toBe('First');
    expect(await stores.customersOf(tenantId)).toHaveLength(ROWS - 4);
  });

  it('are judged in their order within a chunk too', async () => {
    const csv = 'name,email\n,a@example.com\nA,a@example.com\nB,a@example.com\nC,a@example.com\n';
    const importId = await acceptedImport(client, csv, '?onDuplicate=fail');

    await deliveries.drain();

    expect([...(await outcomes(importId)).values()]).toEqual(['rejected', 'created', 'rejected', 'rejected']);
    expect(await nameOf('a@example.com')).toBe('A');
  });

  it('wait for a chunk that is not done, and use up no attempt', async () => {
    const importId = await acceptedImport(client, fileOf().join('\n'), '?onDuplicate=skip');
    const [first = '', second = ''] = await deliveries.chunksOf(importId);

    await deliveries.deliver(second);
    const before = await read(importId);
    await deliveries.deliver(first);
    await deliveries.deliver(second);

    expect(before).toMatchObject({ status: 'queued', counts: { processed: 0 } });
    expect(await read(importId)).toMatchObject({ counts: { processed: 2000 } });
    await deliveries.drain();
  });

  it('come to the same when a worker died in the middle of the first chunk', async () => {
    const lines = fileOf();
    // What that worker had written: the same rows, by the same ids.
    const importId = await acceptedImport(client, lines.join('\n'), '?onDuplicate=fail');
    const bytes = await stores.chunkBytes(importId, 0);
    const [first = ''] = await deliveries.chunksOf(importId);
    await deliveries.deliver(first);
    await stores.uncount(importId, 0, bytes);
    await stores.removeHalf(tenantId);

    await come(importId, 'from behind');

    expect(await read(importId)).toMatchObject({
      counts: { processed: ROWS, created: ROWS - 4, rejected: 4 },
    });
    expect(await stores.customersOf(tenantId)).toHaveLength(ROWS - 4);
    expect(await nameOf(emailOfRow(prefix, 1200))).toBe('First');
  });

  it('do not wait for a chunk that is given up', async () => {
    const importId = await acceptedImport(client, fileOf().join('\n'), '?onDuplicate=skip');
    await stores.dropChunk(importId, 0);

    await come(importId, 'from behind');

    expect(await read(importId)).toMatchObject({ status: 'failed', counts: { processed: 1500 } });
  });

  it.each(['skip', 'fail'])('come to the same beside workers that take several at once: %s', async (rule) => {
    const variables = { ...api.variables, WORKER_CONCURRENCY: '4' };
    const workers = [
      await createTestApp({ role: 'worker', variables }),
      await createTestApp({ role: 'worker', variables }),
    ];
    const lines = buildCsv({ rows: 9_000, prefix }).trimEnd().split('\n');
    for (let line = 1; line < lines.length; line += 3)
      lines[line] = `Again ${line},same-${line % 30}@example.com,1`;
    const importId = await acceptedImport(client, lines.join('\n'), `?onDuplicate=${rule}`);

    const { counts } = await waitForImport(client, importId, { timeoutMs: 30_000 });
    for (const worker of workers) await worker.close();

    const again = 3_000 - 10;
    expect(counts).toMatchObject({ processed: 9_000, created: 9_000 - again });
    expect(counts[rule === 'skip' ? 'skipped' : 'rejected']).toBe(again);
    expect(await nameOf('same-1@example.com')).toBe('Again 1');
    expect(await nameOf('same-28@example.com')).toBe('Again 28');
  });
});
