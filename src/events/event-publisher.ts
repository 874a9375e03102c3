import { Inject, Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Environment } from '../config/environment';
import { EventMetrics } from '../monitoring/metrics/event-metrics';
import type { CloudEvent } from './customer-events';
import { EVENT_LOG, toEntry } from './event-log';
import { EVENT_SINKS, type EventSink } from './event-sink';

/** Redis channel of all events. */
export const EVENTS_CHANNEL = 'customer.events';

/**
 * Tells subscribers what happened, and keeps the last events for those who were away. At least once: a job that is run
 * again publishes again, under the same ids.
 */
@Injectable()
export class EventPublisher {
  constructor(
    private readonly redis: Redis,
    private readonly environment: Environment,
    @Inject(EVENT_SINKS) private readonly sinks: readonly EventSink[],
    private readonly metrics: EventMetrics,
  ) {}

  /** Resolves when Redis has all of them, in their order. @returns how many subscribers each was handed to */
  publish(...events: CloudEvent[]): Promise<number[]> {
    return Promise.all(events.map((event) => this.publishOne(event)));
  }

  /** For an event that a script of Redis published: takes it to the sinks alone. */
  async handOn(event: CloudEvent): Promise<void> {
    const json = JSON.stringify(event);
    await Promise.all(this.sinks.map((sink) => sink.take(event, json)));
  }

  private async publishOne(event: CloudEvent): Promise<number> {
    const json = JSON.stringify(event);
    const [, receivers] = await Promise.all([
      // First: who is told of it can look it up.
      this.redis.xadd(EVENT_LOG, 'MAXLEN', '~', this.environment.events.kept, '*', ...toEntry(event, json)),
      this.redis.publish(EVENTS_CHANNEL, json),
      ...this.sinks.map((sink) => sink.take(event, json)),
    ] as const);
    this.metrics.published(event.type);
    return receivers;
  }
}
