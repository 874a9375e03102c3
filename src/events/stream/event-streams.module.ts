import { Module } from '@nestjs/common';
import { EventFeed } from './event-feed';
import { EventHistory } from './event-history';
import { EventStreams } from './event-streams';
import { EventsController } from './events.controller';

/** `GET /api/events`. */
@Module({ controllers: [EventsController], providers: [EventFeed, EventHistory, EventStreams] })
export class EventStreamsModule {}
