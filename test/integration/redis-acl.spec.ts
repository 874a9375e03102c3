import { readFileSync } from 'node:fs';
import path from 'node:path';
import { inspect } from 'node:util';
import { infoFields } from '../../src/queue/redis-info';
import { buildCustomer } from '../factories/customer';
import { outcomeOf } from '../helpers/customers';
import { ALL_WELL, EVERY_WAY, everyWay } from '../helpers/every-way';
import { readiness } from '../helpers/outage';
import { startOwnRedis, type OwnRedis } from '../helpers/own-redis';
import { startRedisCluster } from '../helpers/redis-cluster';
import { MASTER, startRedisSentinels } from '../helpers/redis-sentinels';
import { createTestApp } from '../helpers/test-app';
import { waitFor } from '../helpers/wait';

const PASSWORD = 'p@ss:word/';
/** More than a role has connections. */
const LOGINS = 10;
const LOGIN = `crm:${encodeURIComponent(PASSWORD)}`;

const docs = readFileSync(path.resolve(__dirname, '../../docs/operations.md'), 'utf8');
/** The rules of the user `crm`, as docs/operations.md has them. */
const rules = (): string[] => {
  const [, line = ''] = /^ACL SETUSER crm on >\S+ (.*)$/m.exec(docs) ?? [];
  return line.split(' ');
};
/** Those in a cluster. */
const clusterRules = (): string[] => {
  const [, keys = ''] = /in a cluster `(~\S+)`/.exec(docs) ?? [];
  return rules().map((rule) => (rule === '~{insight}:*' ? keys : rule));
};
const admit = (redis: OwnRedis, allowed = rules()): Promise<unknown> =>
  redis.ask((admin) => admin.call('ACL', 'SETUSER', 'crm', 'on', `>${PASSWORD}`, ...allowed));
/** What the user was refused. */
const refusedTo = (redis: OwnRedis, user: string): Promise<string[]> =>
  redis.ask(async (admin) => {
    const entries = (await admin.call('ACL', 'LOG')) as string[][];
    const fields = entries.map((entry) => new Map(pairsOf(entry)));
    return fields.filter((one) => one.get('username') === user).map((one) => one.get('object') ?? '');
  });
const loginsRefused = async (redis: OwnRedis): Promise<number> => {
  const stats = infoFields(await redis.ask((admin) => admin.info('stats')));
  return Number(stats.get('acl_access_denied_auth'));
};
const pairsOf = (flat: string[]): [string, string][] =>
  flat.flatMap((name, index): [string, string][] => (index % 2 === 0 ? [[name, flat[index + 1] ?? '']] : []));

describe('as a user of Redis who may do only what the service needs', () => {
  it('everything works, and nothing but CONFIG is refused', async () => {
    const redis = await startOwnRedis();
    await admit(redis);
    const REDIS_URL = redis.url.replace('://', `://${LOGIN}@`);
    const app = await createTestApp({ variables: { ...EVERY_WAY, REDIS_URL, QUEUE_PREFIX: '' } });

    const seen = await everyWay(app, { REDIS_URL: redis.url, QUEUE_PREFIX: '{insight}' });
    await app.close();

    expect(seen).toEqual(ALL_WELL);
    expect(new Set(await refusedTo(redis, 'crm'))).toEqual(new Set(['config|get']));
  }, 60_000);

  it('everything works in a cluster, and nothing but CONFIG is refused', async () => {
    const cluster = await startRedisCluster();
    await Promise.all(cluster.nodes.map((node) => admit(node, clusterRules())));
    const owner = await cluster.owner();
    const where = { REDIS_MODE: 'cluster', REDIS_URL: `redis://${LOGIN}@${cluster.list}`, QUEUE_PREFIX: '' };
    const app = await createTestApp({ variables: { ...EVERY_WAY, ...where, ACK_DURABILITY: 'replica' } });

    const seen = await everyWay(app, { REDIS_URL: owner.url, QUEUE_PREFIX: '{customer.events}' });
    await app.close();

    expect(seen).toEqual(ALL_WELL);
    const refused = await Promise.all(cluster.nodes.map((node) => refusedTo(node, 'crm')));
    expect(new Set(refused.flat())).toEqual(new Set(['config|get']));
  }, 60_000);

  it.each(['api', 'all'] as const)('%s: a wrong password is refused, and told to nobody', async (role) => {
    const printed = jest.spyOn(console, 'error').mockReturnValue();
    const redis = await startOwnRedis();
    await admit(redis);
    const REDIS_URL = redis.url.replace('://', '://crm:hunter22@');
    const app = await createTestApp({ role, variables: { REDIS_URL }, awaitReady: false });
    const triedBefore = await loginsRefused(redis);

    // BullMQ's own connections too.
    await waitFor(
      'logins to be refused',
      () => loginsRefused(redis),
      (tried) => tried > triedBefore + LOGINS,
    );
    const ready = await readiness(app);
    await app.close();
    const text = inspect(printed.mock.calls, { depth: null });
    printed.mockRestore();

    expect(ready).toMatchObject({ status: 503 });
    expect(text).not.toContain('hunter22');
  });

  it('sentinels have a login of their own', async () => {
    const setup = await startRedisSentinels();
    await Promise.all(setup.servers.map((server) => admit(server)));
    const may = '+sentinel|get-master-addr-by-name';
    for (const sentinel of setup.sentinels) {
      await sentinel.ask((admin) =>
        admin.call('ACL', 'SETUSER', 'watch', 'on', '>other', '-@all', '+hello', may),
      );
      await sentinel.ask((admin) => admin.call('ACL', 'SETUSER', 'default', may.replace('+', '-')));
    }
    const variables = {
      ...{ REDIS_MODE: 'sentinel', REDIS_URL: `redis://${LOGIN}@${setup.list}`, QUEUE_PREFIX: '' },
      ...{ REDIS_SENTINEL_MASTER: MASTER, REDIS_SENTINEL_USER: 'watch', REDIS_SENTINEL_PASSWORD: 'other' },
    };
    const app = await createTestApp({ variables });
    const client = app.client();

    const { status } = await outcomeOf(client, await client.post('/api/customer', buildCustomer()));
    await app.close();

    expect(status).toBe('completed');
  }, 60_000);
});
