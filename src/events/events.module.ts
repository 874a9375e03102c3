import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { EventPublisher } from './event-publisher';
import { EVENT_SINKS, type EventSink } from './event-sink';

/** Where an event goes beside the channel and the log. */
export interface SinkOwner {
  /** Exports the sink. */
  module: Type;
  sink: Type<EventSink>;
}

/** Publishes events; knows no sink by name. */
@Module({})
export class EventsModule {
  static into(...owners: SinkOwner[]): DynamicModule {
    return {
      module: EventsModule,
      global: true,
      imports: owners.map(({ module }) => module),
      providers: [
        EventPublisher,
        {
          provide: EVENT_SINKS,
          inject: owners.map(({ sink }) => sink),
          useFactory: (...sinks: EventSink[]) => sinks,
        },
      ],
      exports: [EventPublisher],
    };
  }
}
