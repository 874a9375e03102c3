import { ALL_WELL, EVERY_WAY, everyWay } from '../helpers/every-way';
import { NOTHING_LOST, throughFailover } from '../helpers/failover';
import { readiness } from '../helpers/outage';
import { startRedisCluster, type RedisCluster } from '../helpers/redis-cluster';
import { createTestApp, type TestApp } from '../helpers/test-app';

const PREFIX = '{customer.events}';

describe('in a cluster of three masters with replicas', () => {
  let cluster: RedisCluster;
  let api: TestApp;
  let worker: TestApp;

  beforeEach(async () => {
    cluster = await startRedisCluster();
    const variables = {
      ...EVERY_WAY,
      ...{ REDIS_MODE: 'cluster', REDIS_URL: cluster.list, QUEUE_PREFIX: '', ACK_DURABILITY: 'replica' },
    };
    api = await createTestApp({ role: 'api', variables });
    worker = await createTestApp({ role: 'worker', variables: api.variables });
  }, 60_000);

  afterEach(async () => {
    await api.close();
    await worker.close();
    for (const node of cluster.nodes) await node.kill();
  });

  it('everything works, with all keys in the slot of the stream customer.events', async () => {
    const owner = await cluster.owner();

    const seen = await everyWay(api, { REDIS_URL: owner.url, QUEUE_PREFIX: PREFIX });

    expect(seen).toEqual(ALL_WELL);
    const complaints = await Promise.all(
      cluster.nodes.map((node) => node.ask(async (redis) => infoOf(await redis.info('errorstats')))),
    );
    expect(complaints.flat()).not.toContainEqual(expect.stringMatching(/CROSSSLOT|MOVED/));
    const keys = await owner.ask((redis) => redis.keys('*'));
    expect(keys.filter((key) => !key.startsWith(PREFIX))).toEqual(['customer.events']);
  }, 60_000);

  it('a master that ends takes nothing with it that was accepted, and its replica goes on', async () => {
    const owner = await cluster.owner();

    const report = await throughFailover(api, async () => {
      await owner.kill();
      await cluster.ownerAfter(owner);
      // As whoever runs it does: the 202 waits for a replica, and the new master has none yet.
      await owner.start();
    });
    console.info('cluster, master killed', JSON.stringify(report));

    expect(report).toMatchObject(NOTHING_LOST);
    expect(report.refused).toBeGreaterThan(0);
    expect(report.slowestMs).toBeLessThan(3_000);
    expect(report.backAfterMs).toBeLessThan(15_000);
    expect((await cluster.ownerAfter(owner)).url).not.toBe(owner.url);
    expect([await readiness(api), await readiness(worker)]).toMatchObject([{ status: 200 }, { status: 200 }]);
  }, 120_000);
});

const infoOf = (text: string): string[] => text.split('\r\n').filter((line) => line.startsWith('errorstat_'));
