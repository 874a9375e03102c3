import { Client } from '../helpers/client';
import { EventStreamClient } from '../helpers/event-stream-client';
import { startProcess, type ServiceProcess } from '../helpers/process';
import { newTenant } from '../helpers/tokens';

const STREAMS = 5_000;
const AT_ONCE = 250;

describe('an API process with 5,000 open event streams', () => {
  let service: ServiceProcess;
  let client: Client;
  const streams: EventStreamClient[] = [];

  beforeAll(async () => {
    service = await startProcess({ APP_ROLE: 'api', RATE_LIMIT_PER_MINUTE: '0' });
    client = new Client(service.url, { tenantId: newTenant(), roles: ['operator'] });
    while (streams.length < STREAMS)
      streams.push(
        ...(await Promise.all(
          Array.from({ length: AT_ONCE }, () => EventStreamClient.open(service.url, client.token)),
        )),
      );
  }, 120_000);

  it('hands each of them an event, once', async () => {
    await client.post('/api/queue/test/event', { message: 'to all' });
    await Promise.all(streams.map((stream) => stream.until(1)));
    await client.post('/api/queue/test/event', { message: 'to all again' });
    await Promise.all(streams.map((stream) => stream.until(2)));

    const messages = streams.map(({ events }) => events.map(({ data }) => data.data.message).join(', '));
    expect(new Set(messages)).toEqual(new Set(['to all, to all again']));
  }, 120_000);

  it('still answers others, and ends with 0 when it is told to', async () => {
    const { status } = await client.get('/health/live');
    service.signal('SIGTERM');

    expect(status).toBe(200);
    expect(await service.ended).toBe(0);
    expect(streams.filter(({ isEnded }) => !isEnded)).toEqual([]);
  }, 60_000);
});
