import { Redis } from 'ioredis';
import type { CloudEvent } from '../../src/events/customer-events';
import { closing } from './closing';
import type { TestApp } from './test-app';
import { waitFor } from './wait';

/** A subscriber of `customer.events`, as any program with a Redis client would be one. */
export class EventWatch {
  readonly close = closing(() => {
    this.redis.disconnect();
  });
  private readonly seen: CloudEvent[] = [];

  private constructor(private readonly redis: Redis) {
    redis.on('message', (_channel, message) => {
      this.seen.push(JSON.parse(message) as CloudEvent);
    });
  }

  static async on({ variables }: Pick<TestApp, 'variables'>): Promise<EventWatch> {
    const watch = new EventWatch(new Redis(variables.REDIS_URL ?? ''));
    await watch.redis.subscribe('customer.events');
    return watch;
  }

  /** All events of a job or an import so far, in the order they came. */
  of(jobId: string): CloudEvent[] {
    return this.seen.filter(({ data }) => data.jobId === jobId);
  }

  /** All events so far, whoever caused them. */
  all(): readonly CloudEvent[] {
    return this.seen;
  }

  /** All events of these types so far, whoever caused them. */
  types(...types: string[]): CloudEvent[] {
    return this.seen.filter(({ type }) => types.includes(type));
  }

  /** Those of a job or an import, once there is one of this type. */
  until(jobId: string, type: string): Promise<CloudEvent[]> {
    return waitFor(
      `${type} of job ${jobId}`,
      () => Promise.resolve(this.of(jobId)),
      (events) => events.some((event) => event.type === type),
    );
  }

  /** Those of a job or an import, once there are so many. */
  untilCount(jobId: string, count: number): Promise<CloudEvent[]> {
    return waitFor(
      `${count} events of job ${jobId}`,
      () => Promise.resolve(this.of(jobId)),
      (events) => events.length >= count,
    );
  }
}
