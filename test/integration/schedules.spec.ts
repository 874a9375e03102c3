import { Maintenance } from '../helpers/maintenance';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitFor } from '../helpers/wait';

const PURGE = 'PURGE_DELETED_CUSTOMERS';
const DELAYED_SCORES_PER_MS = 0x1000;

describe('schedules', () => {
  let first: TestApp;
  let maintenance: Maintenance;

  beforeEach(async () => {
    first = await createTestApp({ role: 'worker' });
    maintenance = await Maintenance.of(first);
    await planned((schedules) => schedules.length === 2);
  });

  afterEach(async () => {
    await maintenance.close();
    await first.close();
  });

  const another = (variables: Record<string, string> = {}) =>
    createTestApp({ role: 'worker', variables: { ...first.variables, ...variables } });
  const planned = (isSo: (schedules: { name: string; pattern: string | undefined }[]) => boolean) =>
    waitFor(
      'the schedules to be so',
      async () => {
        const schedules = await maintenance.queue.getJobSchedulers(0, -1, true);
        return schedules.map(({ name, pattern, tz, next }) => ({ name, pattern, tz, next }));
      },
      isSo,
    );

  it('are each night, in UTC, unless it is said otherwise', async () => {
    const schedules = await planned(() => true);

    expect(schedules).toEqual([
      { name: PURGE, pattern: '0 3 * * *', tz: 'UTC', next: expect.any(Number) },
      { name: 'CLEAN_IMPORTS', pattern: '30 3 * * *', tz: 'UTC', next: expect.any(Number) },
    ]);
    expect(new Date(schedules[0]?.next ?? 0).toISOString()).toMatch(/T03:00:00\.000Z$/);
  });

  it('are the same ones, however many workers start', async () => {
    const [before] = await planned(() => true);

    // The last of the schedules: who kept it has kept the other one too.
    const variables = { CLEAN_IMPORTS_CRON: '45 3 * * *' };
    const others = await Promise.all([another(variables), another(variables)]);
    const after = await planned((schedules) => schedules[1]?.pattern === variables.CLEAN_IMPORTS_CRON);

    expect(after).toHaveLength(2);
    expect(after[0]).toEqual(before);
    expect(await maintenance.queue.getDelayedCount()).toBe(2);
    await Promise.all(others.map((other) => other.close()));
  });

  it('change with their variable, and have one next run all the same', async () => {
    const other = await another({ PURGE_CRON: '15 4 * * SUN' });

    await planned((schedules) => schedules.some(({ pattern }) => pattern === '15 4 * * SUN'));

    expect(await maintenance.queue.getJobSchedulersCount()).toBe(2);
    expect(await maintenance.queue.getDelayedCount()).toBe(2);
    await other.close();
  });

  it('end where the purge is switched off', async () => {
    const other = await another({ PURGE_AFTER_DAYS: '0' });

    const schedules = await planned(({ length }) => length === 1);

    expect(schedules.map(({ name }) => name)).toEqual(['CLEAN_IMPORTS']);
    expect(await maintenance.queue.getDelayedCount()).toBe(1);
    await other.close();
  });

  it('are caught up with after a time without any worker', async () => {
    const [schedule] = await planned(() => true);
    const due = `repeat:${PURGE}:${schedule?.next ?? ''}`;
    await first.close();
    const longAgo = (Date.now() - 3_600_000) * DELAYED_SCORES_PER_MS;
    await maintenance.redis.zadd(maintenance.queue.toKey('delayed'), 'XX', longAgo, due);

    await maintenance.queue.pause();

    const other = await another({ CLEAN_IMPORTS_CRON: '45 3 * * *' });
    await planned((schedules) => schedules.some(({ pattern }) => pattern === '45 3 * * *'));
    await maintenance.queue.resume();

    expect(await maintenance.ended(due)).toMatchObject({ purged: 0, complete: true });
    await planned((schedules) => schedules.length === 2);
    await other.close();
  });
});
