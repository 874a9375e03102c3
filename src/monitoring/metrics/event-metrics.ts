import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';
import { EVENT_TYPES, type CustomerEventType } from '../../events/customer-events';
import { Metrics, PREFIX } from './metrics';

/** Published by Redis itself, with the jobs of an import: no process sees it go. */
const UNSEEN: CustomerEventType = 'customer.import.queued';

/** What subscribers were told. */
@Injectable()
export class EventMetrics {
  private readonly events: Counter<'type'>;

  constructor({ counted }: Metrics) {
    this.events = new Counter({
      name: `${PREFIX}events_published_total`,
      help: 'Events that Redis has, by type; a job that is run again publishes again.',
      labelNames: ['type'],
      registers: [counted],
    });
    for (const type of EVENT_TYPES) if (type !== UNSEEN) this.events.inc({ type }, 0);
  }

  published(type: CustomerEventType): void {
    this.events.inc({ type });
  }
}
