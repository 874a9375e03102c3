import { cloudEvent } from '../../src/events/customer-events';
import { comparePlaces, EVENT_LOG, toEntry, type EventPlace } from '../../src/events/event-log';
import type { Client } from '../helpers/client';
import { EventStreamClient } from '../helpers/event-stream-client';
import { startOwnRedis, type OwnRedis } from '../helpers/own-redis';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { newTenant } from '../helpers/tokens';
import { waitFor } from '../helpers/wait';

const HOUR_MS = 3_600_000;

/** A master that takes over may have another clock than the one before it, and lack the last that it had. */
describe('a log of events whose last place is ahead of the clock', () => {
  let redis: OwnRedis;
  let api: TestApp;
  let tenantId: string;
  let client: Client;

  beforeEach(async () => {
    tenantId = newTenant();
    redis = await startOwnRedis();
    await redis.ask((server) => server.xadd(EVENT_LOG, '*', ...entry('before')));
  });

  afterEach(async () => {
    await api.close();
    await redis.kill();
  });

  const start = async () => {
    api = await createTestApp({ role: 'api', variables: { REDIS_URL: redis.url } });
    client = api.client({ tenantId, roles: ['operator'] });
  };
  /** By a master whose clock is an hour ahead. @returns its place */
  const ahead = async (ofTenant = tenantId): Promise<EventPlace> => {
    const place: EventPlace = `${Date.now() + HOUR_MS}-0`;
    await redis.ask((server) => server.xadd(EVENT_LOG, place, ...entry('ahead', ofTenant)));
    return place;
  };
  const open = async (after?: string, by = client) => {
    const stream = await EventStreamClient.open(api.url, by.token, after === undefined ? {} : { after });
    await waitFor(
      'the place of the stream',
      () => Promise.resolve(stream.lastEventId),
      (id) => id !== '',
    );
    return stream;
  };
  const publish = (message: string) => client.post('/api/queue/test/event', { message });
  const messages = (stream: EventStreamClient): string[] =>
    stream.events.map(({ event, data }) => (event === 'reset' ? 'reset' : data.data.message));

  it('is followed from there, and places go on rising', async () => {
    const last = await ahead();
    await redis.ask((server) => server.xdel(EVENT_LOG, last));
    await start();
    const stream = await open();
    const first = stream.lastEventId as EventPlace;

    await publish('one');
    await publish('two');
    await stream.until(2);

    const places = [first, ...stream.events.map(({ id }) => id as EventPlace)];
    expect(first).toBe(last);
    expect(messages(stream)).toEqual(['one', 'two']);
    expect(places.toSorted(comparePlaces)).toEqual(places);
    expect(new Set(places).size).toBe(3);
  });

  it('tells who listens to start anew once that place is lost, and goes on with what is published then', async () => {
    await start();
    const stream = await open();
    const kept = await dump();
    await ahead();
    await stream.until(1);

    await redis.ask((server) => server.restore(EVENT_LOG, 0, kept, 'REPLACE'));
    await stream.until(2);
    await publish('since');
    await stream.until(3);
    const next = await open(stream.lastEventId);
    await publish('for both');
    await next.until(1);

    expect(messages(stream).slice(0, 3)).toEqual(['ahead', 'reset', 'since']);
    expect(messages(next)).toEqual(['for both']);
  });

  it('has all for who listens and was told of nothing that is lost', async () => {
    await start();
    const stream = await open();
    const other = newTenant();
    const witness = await open(undefined, api.client({ tenantId: other }));
    const kept = await dump();
    await ahead(other);
    await witness.until(1);

    // Published before anybody can know that the log was replaced.
    await redis.ask((server) =>
      server
        .multi()
        .restore(EVENT_LOG, 0, kept, 'REPLACE')
        .xadd(EVENT_LOG, '*', ...entry('at once'))
        .exec(),
    );
    await stream.until(1);
    await publish('later');
    await stream.until(2);

    expect(messages(stream)).toEqual(['at once', 'later']);
  });

  /** The log as a replica has it that lacks what comes next. */
  const dump = (): Promise<Buffer> => redis.ask((server) => server.dumpBuffer(EVENT_LOG));
  const entry = (message: string, ofTenant = tenantId) => {
    const context = { step: message, subject: 'test', tenantId: ofTenant, requestId: 'test' };
    const event = cloudEvent('customer.queue.test', context, { jobId: 'test', userId: 'test', message });
    return toEntry(event, JSON.stringify(event));
  };
});
