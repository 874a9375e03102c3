import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Environment } from '../../config/environment';
import { LOGGER, type Logger } from '../../logging/logger';
import { EventFeed } from './event-feed';
import { EventHistory } from './event-history';
import { EventStream, type EventWish } from './event-stream';
import { TooManyStreams } from './too-many-streams';

/** Longest life of a stream, in ms: whoever comes back shows a token that is still valid. */
const MAX_AGE_MS = 3_600_000;

/** All open streams of the process. */
@Injectable()
export class EventStreams implements OnModuleInit, OnModuleDestroy {
  /** With the time when each must end, the oldest first. */
  private readonly open = new Map<EventStream, number>();
  private heart: NodeJS.Timeout | undefined;
  private isClosing = false;

  constructor(
    private readonly feed: EventFeed,
    private readonly history: EventHistory,
    private readonly environment: Environment,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.heart = setInterval(() => {
      this.beat();
    }, this.environment.events.heartbeatMs).unref();
  }

  /** Clients come back, to another process. */
  onModuleDestroy(): void {
    clearInterval(this.heart);
    this.isClosing = true;
    for (const stream of this.open.keys()) stream.finish();
  }

  /** @throws TooManyStreams, QueueUnavailable */
  async begin(wish: EventWish): Promise<EventStream> {
    await this.feed.begin();
    const { maxStreams, bufferBytes } = this.environment.events;
    if (this.isClosing || this.open.size >= maxStreams) throw new TooManyStreams();
    const stream = new EventStream(wish, this.feed, this.history, bufferBytes);
    this.open.set(stream, Date.now() + MAX_AGE_MS);
    stream.once('close', () => this.open.delete(stream));
    stream.catchUp().catch((error: unknown) => {
      // The client has its status already; it comes back where it was.
      this.logger.warn({ error: String(error), tenantId: wish.tenantId }, 'An event stream was ended');
      stream.destroy();
    });
    return stream;
  }

  private beat(): void {
    const now = Date.now();
    for (const [stream, endsAt] of this.open) {
      if (endsAt <= now) stream.finish();
      else stream.beat();
    }
  }
}
