import { Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import type { CloudEvent } from './customer-events';

/** Redis channel of all events. */
export const EVENTS_CHANNEL = 'customer.events';

/** Tells subscribers what happened. At least once: a job that is run again publishes again, under the same ids. */
@Injectable()
export class EventPublisher {
  constructor(private readonly redis: Redis) {}

  /** Resolves when Redis has all of them, in their order. @returns how many subscribers each was handed to */
  publish(...events: CloudEvent[]): Promise<number[]> {
    return Promise.all(events.map((event) => this.redis.publish(EVENTS_CHANNEL, JSON.stringify(event))));
  }
}
