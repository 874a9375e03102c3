import { randomUUID } from 'node:crypto';
import { acceptedImport, readCustomer } from '../helpers/customers';
import { Everything } from '../helpers/everything';
import { startOwnRedis } from '../helpers/own-redis';
import { undo, UndoStage } from '../helpers/undo-stage';
import type { Client } from '../helpers/client';

/** Within the year that writes may be planned ahead. */
const LATER = new Date(Date.now() + 30 * 24 * 3_600_000).toISOString();
const VISIT = { spent: '10.10', visits: 1, at: '2026-01-31T12:00:00Z' };

/** OWASP API3:2023 and the GDPR's right to erasure: what is asked to be gone is gone, and stays so. */
describe('a customer that is erased', () => {
  let stage: UndoStage;
  let everything: Everything;
  let client: Client;
  /** Said by all that is about the customer, and by nothing else. */
  let mark: string;
  let email: string;

  beforeAll(async () => {
    // Of its own: it is searched from end to end.
    const redis = await startOwnRedis();
    stage = await UndoStage.build({ REDIS_URL: redis.url });
    everything = await Everything.of(stage.api);
  });

  beforeEach(() => {
    client = stage.enter();
    mark = `mark${randomUUID().replaceAll('-', '')}`;
    email = `${mark}@example.com`;
  });

  afterAll(async () => {
    await everything.close();
    await stage.close();
  });

  const erase = (customerId: string, query = '') =>
    client.delete(`/api/customer/${customerId}?erase=true${query}`);
  const erased = async (customerId: string) => {
    const { status, body } = await erase(customerId);
    if (status !== 202) throw new Error(`Not accepted: ${status} ${JSON.stringify(body)}`);
    await stage.deliveries.drain();
    return jobOf(body.data.jobId);
  };
  const jobOf = async (jobId: string) => (await client.get(`/api/jobs/${jobId}`)).body.data;
  const marked = () => ({
    name: `Name ${mark}`,
    email,
    phone: '555-0100',
    address: `${mark} Street 1`,
    tags: [mark],
    attributes: { note: mark },
  });
  const csv = (...rows: string[]) => `name,email,phone,address\n${rows.join('\n')}\n`;

  it('is answered as a delete, and says so when it is done', async () => {
    const customerId = await stage.customer(marked());

    const { status, body } = await erase(customerId);
    await stage.deliveries.drain();

    expect(status).toBe(202);
    expect(body.data).toEqual({ status: 'processing', customerId, jobId: expect.any(String) });
    expect(await jobOf(body.data.jobId)).toMatchObject({
      status: 'completed',
      type: 'DELETE_CUSTOMER',
      result: { customerId, erased: true },
    });
    expect((await client.get(`/api/customer/${customerId}`)).status).toBe(404);
  });

  it('is in no key of Redis and no document of MongoDB any more', async () => {
    const keyed = await client.fetch('/api/customer', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': mark.slice(0, 8) },
      body: JSON.stringify(marked()),
    });
    const { customerId } = keyed.body.data;
    await stage.deliveries.drain();
    await client.post(`/api/customer/${customerId}/stats`, VISIT);
    await client.patch(`/api/customer/${customerId}`, { address: `${mark} Street 2` });
    await client.patch(`/api/customer/${customerId}`, { email: `former-${email}` });
    await stage.imported(
      csv(`Imported ${mark},former-${email},555-0101,Street 3`, `Other,${randomUUID()}@example.com,,`),
    );
    await client.patch(`/api/customer/${customerId}`, { email });
    await client.post('/api/customer', { ...marked(), name: `Refused ${mark}` });
    await stage.imported(
      csv(`Imported ${mark},${email},555-0101,Street 3`, `,${email.toUpperCase()},bad,${mark}`),
    );
    await stage.imported(csv(`Tried ${mark},${email},555-0102,Street 4 ${mark}`), '?dryRun=true');
    await stage.imported(csv(`"Failing ${mark}",${email},555-0101,Street 3`), '?onDuplicate=fail');
    await client.upload(csv(`Planned ${mark},${email},555-0103,"Street 5, ${mark}"`), `?runAt=${LATER}`);
    await client.patch(`/api/customer/${customerId}?runAt=${LATER}`, { name: `Planned ${mark}` });
    const dead = await client.patch(`/api/customer/${customerId}`, { name: `Dead ${mark}` });
    await stage.stores.kill(dead.body.data.jobId);
    expect((await everything.saying(mark)).length).toBeGreaterThan(10);

    const job = await erased(customerId);

    expect(job.status).toBe('completed');
    expect(await everything.saying(mark)).toEqual([]);
  });

  it('frees its email for who is created later, and stays away from that one', async () => {
    const customerId = await stage.customer(marked());
    await erased(customerId);

    const later = await stage.customer({ name: 'Later', email });
    await erased(customerId);

    expect(await readCustomer(client, later)).toMatchObject({ name: 'Later', email });
    const kept = (await everything.saying(email)).map(({ where }) => where);
    expect(kept).toContain('customers');
    expect(kept).toContain('customer.events');
  });

  it('leaves other customers and other tenants as they are', async () => {
    const other = await stage.customer({ name: 'Other', email: `other-${email}` });
    const customerId = await stage.customer(marked());
    const tenant = stage.client;
    client = stage.enter();
    const elsewhere = await stage.customer(marked());
    client = tenant;

    await erased(customerId);

    expect(await readCustomer(client, other)).toMatchObject({ name: 'Other' });
    expect(await readCustomer(stage.client, elsewhere)).toMatchObject({ email, tags: [mark] });
  });

  it('of another tenant is not found, and stays', async () => {
    const customerId = await stage.customer(marked());
    const owner = client;
    client = stage.enter();

    const job = await erased(customerId);

    expect(job).toMatchObject({ status: 'failed', error: { reason: 'CUSTOMER_NOT_FOUND' } });
    expect(await readCustomer(owner, customerId)).toMatchObject({ email });
  });

  it('is erased once it was deleted, too', async () => {
    const customerId = await stage.customer(marked());
    await client.delete(`/api/customer/${customerId}`);
    await stage.deliveries.drain();
    expect((await everything.saying(mark)).map(({ where }) => where)).toContain('customers');

    await erased(customerId);

    expect(await everything.saying(mark)).toEqual([]);
  });

  it('is erased while its create is planned, which then creates nobody', async () => {
    const planned = await client.post(`/api/customer?runAt=${LATER}`, marked());
    const { customerId } = planned.body.data;

    const job = await erased(customerId);

    expect(job).toMatchObject({ status: 'completed' });
    expect(await stage.living()).toEqual([]);
    expect(await everything.saying(mark)).toEqual([]);
  });

  it('is erased where its create is a dead letter', async () => {
    const dead = await client.post('/api/customer', marked());
    await stage.stores.kill(dead.body.data.jobId);

    await erased(dead.body.data.customerId);

    expect(await everything.saying(mark)).toEqual([]);
  });

  it('is erased once, however often that is delivered', async () => {
    const customerId = await stage.customer(marked());
    const { body } = await erase(customerId);

    const results = [
      ...(await stage.deliveries.deliver(body.data.jobId, { times: 2, atOnce: true })),
      ...(await stage.deliveries.deliver(body.data.jobId)),
    ];

    expect(results).toEqual(Array(3).fill({ customerId, erased: true }));
    await stage.deliveries.drain();
    expect(await everything.saying(mark)).toEqual([]);
  });

  it('is erased to the end by who comes after a worker that died half way', async () => {
    const customerId = await stage.customer(marked());
    await stage.imported(csv(`,${email},bad,${mark}`));
    const { body } = await erase(customerId);
    const mend = await everything.breakReports(stage.tenantId);
    const [died] = await stage.deliveries.deliver(body.data.jobId);
    expect(died).toBeInstanceOf(Error);
    expect((await everything.saying(mark)).length).toBeGreaterThan(0);
    await mend();

    await stage.deliveries.drain();

    expect(await jobOf(body.data.jobId)).toMatchObject({ status: 'completed' });
    expect(await everything.saying(mark)).toEqual([]);
  });

  it('does not come back by writes that were accepted before, and run late', async () => {
    const create = await client.post('/api/customer', marked());
    const { customerId } = create.body.data;
    await stage.deliveries.drain();
    const copies = await everything.copyJobs(stage.stores.queue, [
      create.body.data.jobId,
      (await client.patch(`/api/customer/${customerId}`, { name: `Late ${mark}` })).body.data.jobId,
      (await client.post(`/api/customer/${customerId}/stats`, VISIT)).body.data.jobId,
      (await client.delete(`/api/customer/${customerId}`)).body.data.jobId,
    ]);
    await stage.deliveries.drain();
    await erased(customerId);

    await copies.putBack();
    await stage.deliveries.drain();

    expect(await stage.living()).toEqual([]);
    expect(await everything.saying(mark)).toEqual([]);
    expect((await everything.saying(`${customerId}:`)).map(({ where }) => where)).not.toContain(
      'customer_visits',
    );
  });

  it('does not come back by a file that was accepted before, and is written later', async () => {
    const customerId = await stage.customer(marked());
    const importId = await acceptedImport(
      client,
      csv(`Row ${mark},${email},555-0100,x`, `Bad ${mark},${email},?,x`),
    );
    const bytes = await stage.stores.chunkBytes(importId, 0);
    const { body } = await erase(customerId);
    await stage.deliveries.deliver(body.data.jobId);
    // As a chunk that read its bytes before they were written over.
    await stage.stores.swapChunk(importId, 0, bytes);

    await stage.deliveries.drain();

    expect(await stage.living()).toEqual([]);
    expect(await everything.saying(mark)).toEqual([]);
  });

  it('gives nothing to who has its email by now, by a file that was accepted before', async () => {
    const customerId = await stage.customer(marked());
    const importId = await acceptedImport(client, csv(`Row ${mark},${email},555-0199,x`));
    const bytes = await stage.stores.chunkBytes(importId, 0);
    const jobs = [
      (await erase(customerId)).body.data.jobId,
      (await client.post('/api/customer', { name: 'Later', email })).body.data.jobId,
    ] as const;
    for (const jobId of jobs) await stage.deliveries.deliver(jobId);
    await stage.stores.swapChunk(importId, 0, bytes);

    await stage.deliveries.drain();

    expect(await readCustomer(client, await stage.idOf(email))).toMatchObject({ name: 'Later', phone: null });
  });

  it('keeps the places and the counts of the rows that stay', async () => {
    const customerId = await stage.customer(marked());
    const other = `other-${randomUUID()}@example.com`;
    const importId = await acceptedImport(
      client,
      csv(`"Two\nlines ""${mark}""",${email},555-0100,x`, `Good,${other},555-0100,x`, `Bad,no email,,`),
    );
    const { body } = await erase(customerId);
    await stage.deliveries.deliver(body.data.jobId);

    await stage.deliveries.drain();

    const { counts } = (await client.get(`/api/customer/imports/${importId}`)).body.data;
    expect(counts).toMatchObject({ rows: 3, processed: 3, created: 1, rejected: 2 });
    const errors = (await client.get(`/api/customer/imports/${importId}/errors.csv`)).body as string;
    expect(errors).toContain('5,');
    expect(errors).toContain('no email');
    expect(await everything.saying(mark)).toEqual([]);
  });

  it('is named by no row of an import, and all of them are still counted', async () => {
    const rows = csv(`Mine ${mark},${email},1,x`, `Other,${randomUUID()}@example.com,555-0100,x`);
    const importId = await stage.imported(rows.replace(',1,x', ',555-0100,x'));
    const customerId = await stage.idOf(email);
    const again = await stage.imported(rows.replace(',1,x', ',555-0111,x'));

    await erased(customerId);

    const results = [importId, again].map(
      async (id) => (await client.get(`/api/customer/imports/${id}/results.csv`)).body as string,
    );
    const [first = [], second = []] = (await Promise.all(results)).map((body) => body.split('\r\n'));
    expect(first.slice(1)).toEqual(['2,created,', expect.stringMatching(/^3,created,.{36}$/), '']);
    expect(second[1]).toBe('2,updated,');
    expect(await stage.undone(again)).toMatchObject({ status: 'completed', restored: 0, conflicts: 0 });
  });

  it('does not come back by the undo of an import that had changed it', async () => {
    const customerId = await stage.customer(marked());
    const importId = await stage.imported(csv(`Changed,${email},555-0111,x`));
    await erased(customerId);

    await stage.undone(importId);

    expect(await stage.living()).toEqual([]);
    expect(await everything.saying(mark)).toEqual([]);
  });

  it('does not come back by an undo that has what was there before', async () => {
    const customerId = await stage.customer(marked());
    const importId = await stage.imported(csv(`Changed,${email},555-0111,x`));
    const putBack = await everything.copyChanges(importId);
    await undo(client, importId);
    const { jobId } = (await erase(customerId)).body.data;
    await stage.deliveries.deliver(jobId);
    await putBack();

    await stage.deliveries.deliver(`${importId}-undo-0`);

    const kept = (await everything.saying(mark)).map(({ where }) => where);
    expect([...new Set(kept)]).toEqual(['import_changes']);
    await stage.deliveries.drain();
  });

  it('is told of by its id alone', async () => {
    const customerId = await stage.customer(marked());
    const { jobId } = (await erase(customerId)).body.data;
    await stage.deliveries.drain();

    const told = await everything.eventsOf(jobId);

    expect(told.map(({ type }) => type)).toEqual(['customer.validation.success', 'customer.deleted']);
    for (const { data } of told) expect(data).toEqual({ jobId, userId: 'user-1', customerId });
  });

  it('answers a create that is sent again with its key as before, without the email', async () => {
    const send = () =>
      client.fetch('/api/customer', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': 'key' },
        body: JSON.stringify(marked()),
      });
    const { customerId, jobId } = (await send()).body.data;
    await stage.deliveries.drain();
    await erased(customerId);

    const again = await send();
    await stage.deliveries.drain();

    expect(again.status).toBe(202);
    expect(again.body.data).toEqual({ status: 'processing', customerId, jobId });
    expect(await stage.living()).toEqual([]);
  });

  it('refuses anything but true and false', async () => {
    const { status } = await client.delete(`/api/customer/${randomUUID()}?erase=yes`);

    expect(status).toBe(400);
  });
});
