import { readFileSync } from 'node:fs';
import { makeCertificates, redisWithTls, type Certificates } from '../helpers/certificates';
import { outcomeOf } from '../helpers/customers';
import type { OwnRedisOptions } from '../helpers/own-redis';
import { startOwnRedis } from '../helpers/own-redis';
import { startRedisCluster } from '../helpers/redis-cluster';
import { MASTER, startRedisSentinels } from '../helpers/redis-sentinels';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { readiness } from '../helpers/outage';
import { buildCustomer } from '../factories/customer';

const create = async (app: TestApp) => {
  const client = app.client();
  return (await outcomeOf(client, await client.post('/api/customer', buildCustomer()))).status as string;
};

describe('over TLS, with an authority of our own', () => {
  let pem: Certificates;
  let options: OwnRedisOptions;

  beforeAll(async () => {
    pem = await makeCertificates();
    const client = { cert: readFileSync(pem.client.cert, 'utf8'), key: readFileSync(pem.client.key, 'utf8') };
    options = {
      program: await redisWithTls(),
      tls: { ca: pem.ca, ...pem.server },
      connection: { tls: { ca: readFileSync(pem.ca, 'utf8'), ...client } },
    };
  });

  const works = async (variables: Record<string, string>) => {
    const app = await createTestApp({ variables: { REDIS_CA_FILE: pem.ca, ...variables } });
    const status = await create(app);
    await app.close();
    return status;
  };
  const withCertificate = () => ({ REDIS_CERT_FILE: pem.client.cert, REDIS_KEY_FILE: pem.client.key });

  it('a single Redis is trusted, and one that nobody we know vouches for is not', async () => {
    const redis = await startOwnRedis({ 'tls-auth-clients': 'no' }, options);
    const variables = { REDIS_URL: redis.url };
    const distrustful = await createTestApp({ role: 'api', variables, awaitReady: false });

    expect(await works(variables)).toBe('completed');
    expect(await readiness(distrustful)).toMatchObject({ status: 503 });
    await distrustful.close();
  });

  it('a Redis that asks for a certificate gets ours', async () => {
    const redis = await startOwnRedis({ 'tls-auth-clients': 'yes' }, options);

    expect(await works({ REDIS_URL: redis.url, ...withCertificate() })).toBe('completed');
  });

  it('a cluster is found, node by node', async () => {
    const cluster = await startRedisCluster({ 'tls-cluster': 'yes' }, options);

    const status = await works({
      ...{ REDIS_MODE: 'cluster', REDIS_URL: `rediss://${cluster.list}`, QUEUE_PREFIX: '' },
      ...withCertificate(),
    });

    expect(status).toBe('completed');
  }, 60_000);

  it('sentinels are asked, and the master that they name', async () => {
    const setup = await startRedisSentinels({}, options);

    const status = await works({
      ...{ REDIS_MODE: 'sentinel', REDIS_URL: `rediss://${setup.list}`, REDIS_SENTINEL_MASTER: MASTER },
      ...withCertificate(),
    });

    expect(status).toBe('completed');
  }, 60_000);
});
