import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Environment } from '../../config/environment';
import { LOGGER, type Logger } from '../../logging/logger';
import { EventFeed } from './event-feed';
import { EventHistory } from './event-history';
import { EventStream, type EventWish } from './event-stream';
import { TooManyStreams } from './too-many-streams';

/** Longest life of a stream, in ms: whoever comes back shows a token that is still valid. */
const MAX_AGE_MS = 3_600_000;
/** Of a process's streams, what one tenant may have. */
const TENANT_SHARE = 0.5;

/** All open streams of the process. */
@Injectable()
export class EventStreams implements OnModuleInit, OnModuleDestroy {
  /** With the time when each must end, the oldest first. */
  private readonly open = new Map<EventStream, number>();
  /** How many each tenant has. */
  private readonly ofTenants = new Map<string, number>();
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
    if (this.isClosing || this.isFullFor(wish.tenantId)) throw new TooManyStreams();
    const stream = new EventStream(wish, this.feed, this.history, this.environment.events.bufferBytes);
    this.add(stream, wish.tenantId);
    stream.catchUp().catch((error: unknown) => {
      // The client has its status already; it comes back where it was.
      this.logger.warn({ error: String(error), tenantId: wish.tenantId }, 'An event stream was ended');
      stream.destroy();
    });
    return stream;
  }

  /** No tenant takes the places of all others. */
  private isFullFor(tenantId: string): boolean {
    const { maxStreams } = this.environment.events;
    const mostOfOne = Math.ceil(maxStreams * TENANT_SHARE);
    return this.open.size >= maxStreams || (this.ofTenants.get(tenantId) ?? 0) >= mostOfOne;
  }

  private add(stream: EventStream, tenantId: string): void {
    this.open.set(stream, Date.now() + MAX_AGE_MS);
    this.ofTenants.set(tenantId, (this.ofTenants.get(tenantId) ?? 0) + 1);
    stream.once('close', () => {
      this.open.delete(stream);
      const left = (this.ofTenants.get(tenantId) ?? 1) - 1;
      if (left > 0) this.ofTenants.set(tenantId, left);
      else this.ofTenants.delete(tenantId);
    });
  }

  private beat(): void {
    const now = Date.now();
    for (const [stream, endsAt] of this.open) {
      if (endsAt <= now) stream.finish();
      else stream.beat();
    }
  }
}
