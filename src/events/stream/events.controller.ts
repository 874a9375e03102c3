import { Controller, Get, Headers, Query, StreamableFile } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import { ApiEventStream } from '../../http/api-answers';
import { CurrentExchange, type Exchange } from '../../http/exchange';
import { InvalidRequest } from '../../http/invalid-request';
import { isPlace, type EventPlace } from '../event-log';
import { EventStreams } from './event-streams';
import { EventsQuery } from './events.query';

const LAST_EVENT_ID = 'last-event-id';

@ApiTags('events')
@Controller('api/events')
export class EventsController {
  constructor(private readonly streams: EventStreams) {}

  /** Tells what happens to the caller's customers and imports, as it happens. */
  @Get()
  @ApiHeader({
    name: LAST_EVENT_ID,
    required: false,
    description: 'The `id` of the last event that you have: the stream goes on after it.',
    schema: { type: 'string', pattern: String.raw`^(\d+-\d+)?$` },
  })
  @ApiEventStream(
    'Streams events as they happen (server-sent events)',
    'Each is a CloudEvent; `event` is its type. A client that comes back with `Last-Event-ID` gets what it missed, or ' +
      'one event `reset` when that is not kept any more. A stream is ended after an hour: come back.',
  )
  async follow(
    @Query() { types }: EventsQuery,
    @Headers(LAST_EVENT_ID) lastEventId: string | undefined,
    @CurrentExchange() { caller: { tenantId }, reply }: Exchange,
  ): Promise<StreamableFile> {
    const stream = await this.streams.begin({
      tenantId,
      types: types && new Set(types),
      after: toPlace(lastEventId),
    });
    reply.headers({ 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' });
    // A stream that ends because its process goes must not leave a connection on which the next request is sent.
    reply.header('connection', 'close');
    return new StreamableFile(stream, { type: 'text/event-stream; charset=utf-8' });
  }
}

function toPlace(lastEventId: string | undefined): EventPlace | undefined {
  if (lastEventId === undefined || lastEventId === '') return undefined;
  if (isPlace(lastEventId)) return lastEventId;
  throw new InvalidRequest([
    { field: LAST_EVENT_ID, code: 'invalid_id', message: 'expected the id of an event of this stream' },
  ]);
}
