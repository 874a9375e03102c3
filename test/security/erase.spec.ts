import { randomUUID } from 'node:crypto';
import { Everything } from '../helpers/everything';
import { UndoStage } from '../helpers/undo-stage';
import type { Client } from '../helpers/client';

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
    stage = await UndoStage.build();
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
    await client.upload(
      csv(`Planned ${mark},${email},555-0103,"Street 5, ${mark}"`),
      '?runAt=2026-12-31T00:00:00Z',
    );
    await client.patch(`/api/customer/${customerId}?runAt=2026-12-31T00:00:00Z`, { name: `Planned ${mark}` });
    const dead = await client.patch(`/api/customer/${customerId}`, { name: `Dead ${mark}` });
    await stage.stores.kill(dead.body.data.jobId);
    expect((await everything.saying(mark)).length).toBeGreaterThan(10);

    const job = await erased(customerId);

    expect(job.status).toBe('completed');
    expect(await everything.saying(mark)).toEqual([]);
  });
});
