import { cloudEvent } from '../../src/events/customer-events';
import { EVENT_LOG, toEntry } from '../../src/events/event-log';
import { Client } from '../helpers/client';
import { EventStreamClient, type StreamedEvent } from '../helpers/event-stream-client';
import { startOwnRedis, type OwnRedis } from '../helpers/own-redis';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { newTenant } from '../helpers/tokens';
import { waitFor } from '../helpers/wait';

const BUFFER_BYTES = 64 * 1024;
const VARIABLES = {
  RATE_LIMIT_PER_MINUTE: '0',
  EVENTS_KEPT: '100',
  EVENT_HEARTBEAT_MS: '100',
  EVENT_STREAM_BUFFER_BYTES: String(BUFFER_BYTES),
  EVENT_STREAMS_MAX: '60',
};

const messagesOf = (events: readonly StreamedEvent[]): string[] =>
  events.map(({ data }) => data.data.message);

describe('GET /api/events', () => {
  let redis: OwnRedis;
  let api: TestApp;
  let tenantId: string;
  let client: Client;

  beforeAll(async () => {
    redis = await startOwnRedis();
    api = await createTestApp({ role: 'api', variables: { ...VARIABLES, REDIS_URL: redis.url } });
  });

  beforeEach(() => {
    tenantId = newTenant();
    client = api.client({ tenantId, roles: ['operator'] });
  });

  afterAll(() => api.close());

  afterEach(() => {
    for (const stream of opened.splice(0)) stream.close();
  });

  const opened: EventStreamClient[] = [];
  const open = async (options?: { query?: string; after?: string }, by = client) => {
    const stream = await EventStreamClient.open(api.url, by.token, options);
    opened.push(stream);
    return stream;
  };
  const publish = (message: string, by = client) => by.post('/api/queue/test/event', { message });

  it('streams the events of the tenant alone, as CloudEvents, in their order', async () => {
    const stream = await open();
    const stranger = api.client({ roles: ['operator'] });

    await publish('first');
    await publish('of another tenant', stranger);
    await publish('second');
    const events = await stream.until(2);

    expect(stream.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
    });
    expect(messagesOf(events)).toEqual(['first', 'second']);
    expect(events[0]).toMatchObject({
      id: expect.stringMatching(/^\d+-\d+$/),
      event: 'customer.queue.test',
      data: { specversion: '1.0', type: 'customer.queue.test', tenantid: tenantId },
    });
  });

  it('streams only the types that are asked for, and refuses ones that there are not', async () => {
    const stream = await open({ query: '?types=customer.created,customer.updated' });
    const other = await open({ query: '?types=customer.queue.test' });

    await publish('a test');
    await other.until(1);
    const refused = await client.get('/api/events?types=customer.created,customer.invented');

    expect(stream.events).toEqual([]);
    expect(refused.status).toBe(400);
    expect(refused.body.errors).toEqual([expect.objectContaining({ field: 'types' })]);
  });

  it('goes on without gap or repeat after the last event that a client has, while more are published', async () => {
    const before = await open();
    await publish('1');
    await before.until(1);
    before.close();
    const missed = Array.from({ length: 30 }, (_, index) => String(index + 2));
    for (const message of missed) await publish(message);

    const publishing = Promise.all(Array.from({ length: 30 }, (_, index) => publish(`later ${index}`)));
    const after = await open({ after: before.lastEventId });
    await publishing;
    await publish('last');
    const events = await waitFor(
      'the last event',
      () => Promise.resolve(after.events),
      (seen) => messagesOf(seen).includes('last'),
    );

    const messages = messagesOf(events);
    expect(messages.slice(0, 30)).toEqual(missed);
    expect(messages).toHaveLength(61);
    expect(new Set(messages).size).toBe(61);
  });

  it('tells a client to start anew when what it missed is not kept any more', async () => {
    const before = await open();
    await publish('had');
    await before.until(1);
    before.close();
    // Redis drops a hundred or so at a time.
    await redis.ask((server) =>
      Promise.all(
        Array.from({ length: 500 }, (_, index) => server.xadd(EVENT_LOG, ...entry(`old ${index}`))),
      ),
    );
    await redis.ask((server) => server.xtrim(EVENT_LOG, 'MAXLEN', 100));

    const after = await open({ after: before.lastEventId });
    await after.until(1);
    await publish('new');
    const [reset, next] = await after.until(2);

    expect(reset).toMatchObject({ event: 'reset', data: { reason: expect.any(String) } });
    expect(next?.data.data.message).toBe('new');
  });

  it('goes on with the next one after an event that was taken off, as when its customer is erased', async () => {
    const before = await open();
    await publish('kept');
    await publish('taken off');
    await before.until(2);
    before.close();
    await redis.ask((server) => server.xdel(EVENT_LOG, before.lastEventId));

    const after = await open({ after: before.lastEventId });
    await publish('next');

    expect(messagesOf(await after.until(1))).toEqual(['next']);
  });

  it('tells a client whose id is not of this log to start anew', async () => {
    const stream = await open({ after: '9999999999999-0' });
    const [reset] = await stream.until(1);

    expect(reset?.event).toBe('reset');
  });

  it('refuses an id that is none', async () => {
    const { status, body } = await client.fetch('/api/events', { headers: { 'last-event-id': 'yesterday' } });

    expect(status).toBe(400);
    expect(body.errors).toEqual([expect.objectContaining({ field: 'last-event-id' })]);
  });

  it('keeps no more events than it is told to, roughly', async () => {
    for (let round = 0; round < 5; round++)
      await Promise.all(Array.from({ length: 100 }, (_, index) => publish(`${round} ${index}`)));

    const length = await redis.ask((server) => server.xlen(EVENT_LOG));

    expect(length).toBeGreaterThanOrEqual(100);
    expect(length).toBeLessThan(300);
  });

  it('shows that it is alive, and how far it is: nothing of others is missed', async () => {
    const stream = await open();
    const start = await waitFor(
      'the id to come back with',
      () => Promise.resolve(stream.lastEventId),
      (id) => id !== '',
    );

    await publish('of another tenant', api.client({ roles: ['operator'] }));
    await waitFor(
      'a heartbeat that is further',
      () => Promise.resolve(stream.lastEventId),
      (id) => id !== start,
    );

    expect(stream.events).toEqual([]);
    expect(stream.beats).toBeGreaterThan(1);
  });

  it('reads Redis once, however many listen, and takes no more than it may have: half of them of one tenant', async () => {
    const other = api.client({ roles: ['operator'] });
    const ours = await Promise.all(Array.from({ length: 30 }, () => open()));
    const oneTooMany = await client.get('/api/events');
    const theirs = await Promise.all(Array.from({ length: 30 }, () => open({}, other)));
    const streams = [...ours, ...theirs];
    const refused = await api.client().get('/api/events');

    await Promise.all([publish('to all of ours'), publish('to all of theirs', other)]);
    await Promise.all(streams.map((stream) => stream.until(1)));
    const readers = await redis.ask(async (server) =>
      ((await server.client('LIST')) as string).split('\n').filter((line) => line.includes('cmd=xread')),
    );

    expect([oneTooMany.status, refused.status]).toEqual([503, 503]);
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(readers).toHaveLength(1);
    for (const stream of streams) stream.close();
    await waitFor(
      'room for another one',
      () => open().catch(() => undefined),
      (stream) => stream !== undefined,
    );
  });

  it('holds no more than it may for a client that does not read, which gets it later', async () => {
    const slow = await open();
    const quick = await open();
    slow.response.pause();

    // Fewer than are kept, and more than sockets hold.
    await redis.ask(async (server) => {
      for (let index = 0; index < 90; index++)
        await server.xadd(EVENT_LOG, ...entry(`${index} ${'x'.repeat(256 * 1024)}`));
    });
    await quick.until(90);
    const seenBySlow = slow.events.length;
    slow.response.resume();
    await slow.until(90);

    const numbers = messagesOf(slow.events).map((message) => Number(message.split(' ')[0]));
    expect(seenBySlow).toBeLessThan(90);
    expect(numbers).toEqual(Array.from({ length: 90 }, (_, index) => index));
  });

  it('goes on when Redis was away', async () => {
    const stream = await open();
    await redis.kill();
    await redis.start();

    await waitFor(
      'an event to be published',
      () => publish('back'),
      ({ status }) => status === 202,
    );
    const events = await stream.until(1);

    expect(messagesOf(events)).toContain('back');
  });

  it('lets go of its clients when the process stops', async () => {
    const other = await createTestApp({ role: 'api', variables: { ...VARIABLES, REDIS_URL: redis.url } });
    const stream = await EventStreamClient.open(other.url, client.token);

    await other.close();

    expect(stream.isEnded).toBe(true);
  });

  const entry = (message: string) => {
    const context = { step: message.slice(0, 20), subject: 'test', tenantId, requestId: 'test' };
    const event = cloudEvent('customer.queue.test', context, { jobId: 'test', userId: 'test', message });
    return ['*', ...toEntry(event, JSON.stringify(event))] as ['*', ...string[]];
  };
});
