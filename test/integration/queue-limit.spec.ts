import type { QueueCounts } from '../../src/queue/queue-counts';
import { buildCsv } from '../factories/csv';
import { buildCustomer } from '../factories/customer';
import type { Answer } from '../helpers/client';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitFor } from '../helpers/wait';

const LIMIT = 5;
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

describe('a queue with a limit', () => {
  let app: TestApp;

  beforeEach(async () => {
    app = await createTestApp({ role: 'api', variables: { QUEUE_MAX_WAITING: String(LIMIT) } });
  });

  afterEach(async () => {
    await app.close();
  });

  const write = (query = ''): Promise<Answer> => app.client().post(`/api/customer${query}`, buildCustomer());
  const fill = async (jobs: number) => {
    for (let job = 0; job < jobs; job++) expect((await write()).status).toBe(202);
  };
  const pendingOf = async () => {
    const { body } = await app.client().get('/api/queue/stats');
    const { pending, prioritized, delayed } = body.data['customer.jobs'] as QueueCounts;
    return pending + prioritized + delayed;
  };

  it('takes the last job that may wait, and refuses the next with when to come back', async () => {
    await fill(LIMIT - 1);

    const last = await write();
    const next = await write();

    expect(last.status).toBe(202);
    expect(next.status).toBe(503);
    expect(next.headers.get('retry-after')).toBe('60');
    expect(next.body).toMatchObject({ success: false, detail: expect.stringMatching(/full/) });
    expect(await pendingOf()).toBe(LIMIT);
  });

  it('counts what waits in any way: in line, by priority, planned', async () => {
    await write();
    await write('?priority=low');
    await write('?priority=high');
    await write(`?runAt=${inAnHour()}`);
    await write();

    expect((await write()).status).toBe(503);
  });

  it('refuses an import that would not fit', async () => {
    await fill(LIMIT);

    const refused = await app.client().upload(buildCsv({ rows: 3 }));

    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
  });

  it('refuses an upload before it has come, also one that would have taken long', async () => {
    await fill(LIMIT);
    const endless = new ReadableStream({
      start: (body) => {
        body.enqueue(new TextEncoder().encode('name,email\n'));
      },
    });

    const refused = await app.client().upload(endless);

    expect(refused.status).toBe(503);
  });

  it('accepts again once a worker has drained it, and tells how fast that goes', async () => {
    await fill(LIMIT);
    expect((await write()).status).toBe(503);

    const worker = await createTestApp({ role: 'worker', variables: app.variables });
    const accepted = await waitFor(
      'room',
      () => write(),
      ({ status }) => status === 202,
    );
    await waitFor(
      'the queue to be drained',
      () => pendingOf(),
      (pending) => pending === 0,
    );
    await worker.close();
    await fill(LIMIT);
    const refused = await write();

    expect(accepted.status).toBe(202);
    expect(refused.status).toBe(503);
    // Six jobs ended in the last minute, and half a job more has to.
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(10);
  });

  it('is not overshot by more than what is on its way, however many come at once to however many replicas', async () => {
    const other = await createTestApp({ role: 'api', variables: app.variables });
    const replicas = [app, other];

    const rounds: Answer[] = [];
    for (let round = 0; round < 5; round++) {
      const atOnce = replicas.flatMap((replica) =>
        Array.from({ length: 5 }, () => replica.client().post('/api/customer', buildCustomer())),
      );
      rounds.push(...(await Promise.all(atOnce)));
    }
    const pending = await pendingOf();
    await other.close();

    const accepted = rounds.filter(({ status }) => status === 202);
    expect(rounds.filter(({ status }) => status === 503)).toHaveLength(50 - accepted.length);
    expect(pending).toBe(accepted.length);
    expect(pending).toBeGreaterThanOrEqual(LIMIT);
    expect(pending).toBeLessThanOrEqual(2 * LIMIT);
  });
});
