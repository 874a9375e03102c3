import type { CloudEvent } from './customer-events';

/**
 * Takes what is published on to who wants to be told in another way. It may get an event again, and must not tell of it
 * again; what it throws fails the publishing, and so the job is run again.
 */
export interface EventSink {
  /** Settles when the event can not be lost any more. @param json the event, as it is published */
  take(event: CloudEvent, json: string): Promise<void>;
}

export const EVENT_SINKS = Symbol('EVENT_SINKS');
