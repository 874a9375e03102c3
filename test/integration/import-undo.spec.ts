import type { Client } from '../helpers/client';
import { buildCsv } from '../factories/csv';
import { EventWatch } from '../helpers/event-watch';
import { NOBODY } from '../helpers/outage';
import { randomUUID } from 'node:crypto';
import { acceptedImport, readCustomer } from '../helpers/customers';
import { conflictsOf, seen, undo, undoOf, UndoStage } from '../helpers/undo-stage';

describe('an import that is undone', () => {
  let stage: UndoStage;
  let client: Client;
  let events: EventWatch;

  beforeAll(async () => {
    stage = await UndoStage.build();
    events = await EventWatch.on(stage.api);
  });

  beforeEach(() => {
    client = stage.enter();
  });

  afterAll(async () => {
    await events.close();
    await stage.close();
  });

  it('leaves nothing of what it created, and customers as they were before it', async () => {
    const plain = await stage.customer({ email: 'plain@example.com' });
    const full = await stage.customer({
      email: 'full@example.com',
      phone: '555-0100',
      tags: ['old'],
      attributes: { plan: 'free' },
    });
    await client.post(`/api/customer/${full}/stats`, {
      spent: '10.10',
      visits: 2,
      at: '2026-01-31T12:00:00Z',
    });
    await stage.deliveries.drain();
    const before = [await seen(client, plain), await seen(client, full)];
    const cells = 'X,555-0199,1 Elm St,new;vip,99.99,7,2026-02-01,gold,red';
    const importId = await stage.imported(
      'name,phone,address,tags,totalSpend,visits,lastVisit,plan,colour,email\n' +
        ['plain', 'full', 'new-1', 'new-2'].map((email) => `${cells},${email}@example.com\n`).join(''),
    );
    expect(await seen(client, full)).toMatchObject({ phone: '555-0199', attributes: { plan: 'gold' } });

    const answer = await undo(client, importId);
    await stage.deliveries.drain();

    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toBe(`/api/customer/imports/${importId}`);
    expect(answer.body.data).toEqual({
      importId,
      undo: expect.objectContaining({ status: 'queued', removed: 0, finishedAt: null }),
    });
    expect([await seen(client, plain), await seen(client, full)]).toEqual(before);
    expect(await stage.living()).toEqual([plain, full].sort());
    expect(await undoOf(client, importId)).toEqual({
      status: 'completed',
      removed: 2,
      restored: 2,
      conflicts: 0,
      queuedAt: expect.any(String),
      finishedAt: expect.any(String),
    });
    expect(await conflictsOf(client, importId)).toBe('line,customerId\r\n');
  });

  it('leaves its record only in Redis, and says nothing to subscribers', async () => {
    const importId = await stage.imported(buildCsv({ rows: 2_500 }));
    const told = events.of(importId).length;

    await stage.undone(importId);

    const keys = (await stage.stores.keys()).filter((key) => key.includes(importId));
    expect(keys.filter((key) => key.includes('-undo-') || /:import:.*:undo/.test(key))).toEqual([]);
    expect(events.of(importId)).toHaveLength(told);
    expect(await stage.living()).toEqual([]);
  });

  it('frees the emails, and no email that another has by now', async () => {
    const importId = await stage.imported('name,email\nAna,a@example.com\nBea,b@example.com\n');
    await client.delete(`/api/customer/${await stage.idOf('b@example.com')}`);
    await stage.deliveries.drain();
    const other = await stage.customer({ email: 'b@example.com', name: 'Other' });

    const result = await stage.undone(importId);
    const again = await stage.customer({ email: 'a@example.com' });

    expect(result).toMatchObject({ removed: 1, conflicts: 1 });
    expect(await stage.living()).toEqual([other, again].sort());
  });

  it.each([
    ['a change', (id: string) => client.patch(`/api/customer/${id}`, { address: '2 Oak St' })],
    [
      'a visit',
      (id: string) => client.post(`/api/customer/${id}/stats`, { spent: '1', visits: 1, at: '2026-01-01' }),
    ],
    ['a removed attribute', (id: string) => client.patch(`/api/customer/${id}`, { attributes: null })],
    [
      'a change of email',
      (id: string) => client.patch(`/api/customer/${id}`, { email: `${randomUUID()}@x.com` }),
    ],
  ])('keeps customers with %s since, and names their rows', async (_, write) => {
    const old = await stage.customer({ email: 'old@example.com', attributes: { k: 'v' } });
    const csv = 'name,email,visits\nNew,new@example.com,3\nOld,old@example.com,4\nZoe,zoe@example.com,1\n';
    const importId = await stage.imported(csv);
    const made = await stage.idOf('new@example.com');
    for (const id of [old, made]) await write(id);
    await stage.deliveries.drain();
    const before = [await readCustomer(client, old), await readCustomer(client, made)];

    const result = await stage.undone(importId);

    expect([await readCustomer(client, old), await readCustomer(client, made)]).toEqual(before);
    expect(result).toMatchObject({ status: 'completed', removed: 1, restored: 0, conflicts: 2 });
    const lines = (await conflictsOf(client, importId)).split('\r\n');
    expect(lines).toEqual(['line,customerId', `2,${made}`, `3,${old}`, '']);
  });

  it('can be undone after the import that came on top of it', async () => {
    const old = await stage.customer({ email: 'old@example.com', phone: '555-0100' });
    const before = await seen(client, old);
    const first = await stage.imported('name,email,phone\nA,old@example.com,555-0101\nA,new@example.com,\n');
    const second = await stage.imported(
      'name,email,phone\nB,old@example.com,555-0102\nB,new@example.com,555-0103\n',
    );

    const results = [await stage.undone(second), await stage.undone(first)];

    expect(results).toMatchObject([
      { removed: 0, restored: 2, conflicts: 0 },
      { removed: 1, restored: 1, conflicts: 0 },
    ]);
    expect(await seen(client, old)).toEqual(before);
    expect(await stage.living()).toEqual([old]);
  });

  it('conflicts with an import that came on top of it', async () => {
    const first = await stage.imported('name,email\nA,a@example.com\n');
    await stage.imported('name,email\nB,a@example.com\n');

    const result = await stage.undone(first);

    expect(result).toMatchObject({ removed: 0, conflicts: 1 });
    expect(await readCustomer(client, await stage.idOf('a@example.com'))).toMatchObject({ name: 'B' });
  });

  it('is over, of this tenant, and not too old', async () => {
    const waiting = await acceptedImport(client, 'name,email\nA,a@example.com\n');
    const early = await undo(client, waiting);
    await stage.deliveries.drain();

    const byOther = await undo(stage.api.client(), waiting);
    const ofNobody = await undo(client, NOBODY);
    const planned = await undo(
      client,
      waiting,
      `?runAt=${new Date(Date.now() + 30 * 86_400_000).toISOString()}`,
    );
    await stage.stores.ageStart(waiting, 8 * 86_400_000);
    const late = await undo(client, waiting);

    const rehearsed = await undo(
      client,
      await stage.imported('name,email\nA,a@example.com\n', '?dryRun=true'),
    );

    expect(rehearsed).toMatchObject({ status: 409, body: { detail: expect.stringMatching(/dry run/) } });
    expect([early, byOther, ofNobody, planned, late].map(({ status }) => status)).toEqual([
      409, 404, 404, 409, 409,
    ]);
    expect(late.body.detail).toMatch(/168 hours/);
    expect((await client.get(`/api/customer/imports/${waiting}/conflicts.csv`)).status).toBe(404);
    expect(await undoOf(client, waiting)).toBeNull();
  });

  it('undoes what a cancelled import wrote; one that never began has nothing to undo', async () => {
    const importId = await acceptedImport(client, buildCsv({ rows: 2_500 }));
    const [first = ''] = await stage.deliveries.chunksOf(importId);
    await stage.deliveries.deliver(first);
    await client.post(`/api/customer/imports/${importId}/cancel`);
    await stage.deliveries.drain();
    const never = await acceptedImport(client, buildCsv({ rows: 1 }));
    await client.post(`/api/customer/imports/${never}/cancel`);

    const results = [await stage.undone(importId), await stage.undone(never)];

    expect(results).toMatchObject([
      { status: 'completed', removed: 1_000 },
      { status: 'completed', removed: 0 },
    ]);
    expect(await stage.living()).toEqual([]);
  });
});
