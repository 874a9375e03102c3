import { Redis } from 'ioredis';
import { Client } from '../helpers/client';
import { testVariables } from '../helpers/environment';
import { startProcess } from '../helpers/process';
import { newTenant } from '../helpers/tokens';
import { waitFor } from '../helpers/wait';

describe('the log of a command that Redis refused', () => {
  it('says which, and nothing of what it was to store', async () => {
    const variables = testVariables({ APP_ROLE: 'api', LOG_LEVEL: 'info' });
    const service = await startProcess(variables);
    const redis = new Redis(variables.REDIS_URL ?? '');
    const tenantId = newTenant();
    await redis.set(`${variables.QUEUE_PREFIX}:webhooks:of:${tenantId}`, 'no hash');

    const { status } = await new Client(service.url, { tenantId }).post('/api/webhooks', {
      url: 'https://8.8.8.8/?key=hush',
    });
    const line = await waitFor(
      'the line',
      () => Promise.resolve(service.lines().find(({ msg }) => msg === 'request failed')),
      (one) => one !== undefined,
    );

    expect(status).toBe(500);
    expect(JSON.stringify(line)).toContain('WRONGTYPE');
    for (const hidden of ['hush', 'whsec_']) expect(service.output()).not.toContain(hidden);
    redis.disconnect();
    service.signal('SIGTERM');
    await service.ended;
  }, 30_000);
});
