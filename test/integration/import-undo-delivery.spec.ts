import type { Client } from '../helpers/client';
import { randomUUID } from 'node:crypto';
import { buildCsv, emailOfRow } from '../factories/csv';
import { acceptedImport, existingCustomer, readCustomer } from '../helpers/customers';
import { createTestApp } from '../helpers/test-app';
import { waitFor } from '../helpers/wait';
import { seen, undo, undoOf, UndoStage } from '../helpers/undo-stage';

describe('the jobs of an undo', () => {
  let stage: UndoStage;
  let client: Client;

  beforeAll(async () => {
    stage = await UndoStage.build();
  });

  beforeEach(() => {
    client = stage.enter();
  });

  afterAll(async () => {
    await stage.close();
  });

  it('takes rows of one email back, whatever chunks they are in and whoever made the customer', async () => {
    const old = await stage.customer({ email: emailOfRow('old', 0), attributes: { colour: 'blue' } });
    const before = await seen(client, old);
    const filler = buildCsv({ rows: 1_500 })
      .split('\n')
      .slice(1, -1)
      .map((row) => `${row},`);
    const rows = [
      `One,${emailOfRow('old', 0)},1,red`,
      `One,${emailOfRow('new', 0)},1,red`,
      ...filler,
      `Two,${emailOfRow('old', 0)},2,green`,
      `Two,${emailOfRow('new', 0)},2,green`,
      `Three,${emailOfRow('old', 0)},3,`,
    ];
    const importId = await stage.imported(`name,email,visits,colour\n${rows.join('\n')}\n`);
    await undo(client, importId);

    const [first = '', second = ''] = (await stage.deliveries.chunksOf(importId)).toReversed();
    await stage.deliveries.deliver(first, { times: 2, atOnce: true });
    await stage.deliveries.deliver(second, { times: 2, atOnce: true });
    await stage.deliveries.deliver(first);
    await stage.deliveries.drain();

    expect(await seen(client, old)).toEqual(before);
    expect(await stage.living()).toEqual([old]);
    expect(await undoOf(client, importId)).toMatchObject({
      status: 'completed',
      removed: 1_501,
      restored: 4,
      conflicts: 0,
    });
  });

  it('waits for writes that were accepted before it, and sees them as done since', async () => {
    const importId = await stage.imported('name,email\nAna,a@example.com\n');
    const id = await stage.idOf('a@example.com');
    const { body } = await client.patch(`/api/customer/${id}`, { name: 'Bea' });
    await undo(client, importId);

    const [chunk = ''] = await stage.deliveries.chunksOf(importId);
    await stage.deliveries.deliver(chunk);
    const during = await undoOf(client, importId);
    await stage.deliveries.drain();

    expect(during).toMatchObject({ removed: 0, conflicts: 0 });
    expect((await client.get(`/api/jobs/${body.data.jobId}`)).body.data.status).toBe('completed');
    expect(await readCustomer(client, id)).toMatchObject({ name: 'Bea' });
    expect(await undoOf(client, importId)).toMatchObject({ removed: 0, conflicts: 1 });
  });

  it('waits for imports that were accepted before it', async () => {
    const first = await stage.imported('name,email\nAna,a@example.com\n');
    const second = await acceptedImport(client, 'name,email\nBea,a@example.com\n');
    await undo(client, first);
    const [chunk = ''] = (await stage.deliveries.chunksOf(first)).filter((id) => id.includes('undo'));

    await stage.deliveries.deliver(chunk);
    await stage.deliveries.drain();

    expect(await readCustomer(client, await stage.idOf('a@example.com'))).toMatchObject({ name: 'Bea' });
    expect(await undoOf(client, first)).toMatchObject({ removed: 0, conflicts: 1 });
    expect((await client.get(`/api/customer/imports/${second}`)).body.data.counts.updated).toBe(1);
  });

  it('may be asked for again: the undo is the same', async () => {
    const importId = await stage.imported('name,email\nA,a@example.com\n');

    const answers = await Promise.all([1, 2, 3].map(() => undo(client, importId)));
    await stage.deliveries.drain();
    const again = await undo(client, importId);
    await stage.deliveries.drain();

    expect([...answers, again].map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    expect(again.body.data.undo).toEqual(await undoOf(client, importId));
    expect(again.body.data.undo).toMatchObject({ status: 'completed', removed: 1 });
  });

  it('keeps what was written after the undo was accepted, though the undo is delivered again', async () => {
    const old = await stage.customer({ email: 'old@example.com', phone: '555-0100' });
    const importId = await stage.imported('name,email,phone\nOld,old@example.com,555-0101\n');
    await undo(client, importId);
    await client.patch(`/api/customer/${old}`, { address: '1 Elm St' });

    await stage.deliveries.drain();

    expect(await readCustomer(client, old)).toMatchObject({
      name: 'Ana',
      phone: '555-0100',
      address: '1 Elm St',
    });
    expect(await undoOf(client, importId)).toMatchObject({ restored: 1, conflicts: 0 });
  });

  it('brings nothing back when a chunk of it is delivered late', async () => {
    const old = await stage.customer({ email: 'old@example.com' });
    const importId = await acceptedImport(client, 'name,email\nOld,old@example.com\nNew,new@example.com\n');
    const [chunk = ''] = await stage.deliveries.chunksOf(importId);
    const bytes = await stage.stores.chunkBytes(importId, 0);
    const late = await stage.stores.queue.getJob(chunk);
    await stage.deliveries.drain();
    await stage.undone(importId);

    await stage.stores.forgetCounts(importId, 0, bytes);
    if (late) await stage.stores.queue.add(late.name, late.data, { jobId: chunk, delay: 86_400_000 });
    await stage.deliveries.deliver(chunk, { times: 2, atOnce: true });

    expect(await readCustomer(client, old)).toMatchObject({ name: 'Ana' });
    expect(await stage.living()).toEqual([old]);
  });

  it('take back what a chunk wrote that was delivered late, and died', async () => {
    const importId = await acceptedImport(client, 'name,email\nNew,new@example.com\n');
    const [chunk = ''] = await stage.deliveries.chunksOf(importId);
    const late = await stage.stores.queue.getJob(chunk);
    await stage.deliveries.drain();
    const made = await stage.idOf('new@example.com');
    await stage.undone(importId);
    await stage.stores.createAgain(made);

    if (late) await stage.stores.queue.add(late.name, late.data, { jobId: chunk, delay: 86_400_000 });
    await stage.deliveries.deliver(chunk);

    expect(await stage.living()).toEqual([]);
  });

  it('leave nothing to be written by a chunk that had failed', async () => {
    const importId = await acceptedImport(client, buildCsv({ rows: 1_500 }));
    const bytes = await stage.stores.swapChunk(importId, 1, Buffer.from('no chunk'));
    const [, second = ''] = await stage.deliveries.chunksOf(importId);
    await stage.deliveries.drain();
    const result = await stage.undone(importId);
    const before = (await client.get(`/api/customer/imports/${importId}`)).body.data;

    await stage.stores.swapChunk(importId, 1, bytes);
    await stage.deliveries.deliver(second);

    expect(before).toMatchObject({ status: 'failed', counts: { created: 1_000 } });
    expect(result).toMatchObject({ status: 'completed', removed: 1_000 });
    expect((await client.get(`/api/customer/imports/${importId}`)).body.data).toEqual(before);
    expect(await stage.living()).toEqual([]);
  });

  it('of which a chunk failed is failed, until that is replayed', async () => {
    const importId = await stage.imported(buildCsv({ rows: 1_500 }));
    await undo(client, importId);
    const [first = '', second = ''] = await stage.deliveries.chunksOf(importId);
    await stage.stores.breakUndo(importId, 1);
    await stage.deliveries.deliver(first);
    await stage.deliveries.drain();
    const failed = await undoOf(client, importId);

    await stage.stores.mendUndo(importId, 1);
    await stage.deliveries.deliver(second);

    expect(failed).toMatchObject({ status: 'failed', removed: 1_000 });
    expect(await undoOf(client, importId)).toMatchObject({ status: 'completed', removed: 1_500 });
    expect(await stage.living()).toEqual([]);
  });
});

describe('an undo beside workers', () => {
  it('is done by them, in any order and several at once', async () => {
    const app = await createTestApp({ variables: { WORKER_CONCURRENCY: '4' } });
    const tenantId = randomUUID();
    const client = app.client({ tenantId });
    const old = await existingCustomer(client, { email: emailOfRow('w', 17), phone: '555-0100' });
    const before = await seen(client, old);
    const importId = await acceptedImport(client, buildCsv({ rows: 5_200, prefix: 'w' }));
    await waitFor(
      'the import to end',
      async () => (await client.get(`/api/customer/imports/${importId}`)).body.data.status,
      (status) => status === 'completed',
    );

    await undo(client, importId);
    const result = await waitFor(
      'the undo to end',
      () => undoOf(client, importId),
      ({ status }) => status === 'completed',
    );

    expect(result).toMatchObject({ removed: 5_199, restored: 1, conflicts: 0 });
    expect(await seen(client, old)).toEqual(before);
    expect((await client.get('/api/customer?limit=200')).body.data.items).toHaveLength(1);
    await app.close();
  });
});
