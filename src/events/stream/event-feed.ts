import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Redis } from 'ioredis';
import { setTimeout as delay } from 'node:timers/promises';
import { Environment } from '../../config/environment';
import { LOGGER, type Logger } from '../../logging/logger';
import { connectRedis, patient } from '../../queue/redis-connection';
import { orUnavailable } from '../../queue/queue-unavailable';
import {
  BEGINNING,
  comparePlaces,
  EVENT_LOG,
  fromEntry,
  isPlace,
  type EventPlace,
  type LoggedEvent,
} from '../event-log';
import { endOfLog } from './log-info';

/** Longest wait of one read, in ms, after which it is looked whether the log was set back; and most entries of it. */
const BLOCK_MS = 1_000;
const READ_COUNT = 500;
const RETRY_MS = 500;

/** Follows the events of a tenant. It must not throw. */
export interface Listener {
  /** Is told of each event, in the order of the log. */
  take(event: LoggedEvent, frame: string): void;
  /**
   * The log was replaced by one without its last events, as by a failover. The feed goes on from its end: events that
   * came before it, and that nobody was told of, may be in it.
   */
  setBack(end: EventPlace): void;
}

/**
 * Follows the log of events as it grows, on one connection of the process, however many listen. It begins with the first
 * listener.
 */
@Injectable()
export class EventFeed implements OnModuleDestroy {
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly stopping = new AbortController();
  private begun: Promise<void> | undefined;
  private reading: Promise<void> | undefined;
  private connection: Redis | undefined;
  private at: EventPlace = BEGINNING;

  constructor(
    private readonly redis: Redis,
    private readonly environment: Environment,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** The last event that listeners were told of. */
  get place(): EventPlace {
    return this.at;
  }

  /** Settles when the feed knows where the log ends. @throws QueueUnavailable */
  begin(): Promise<void> {
    this.begun ??= this.follow().catch((error: unknown) => {
      this.begun = undefined;
      throw error;
    });
    return this.begun;
  }

  /** @returns what ends it */
  listen(tenantId: string, listener: Listener): () => void {
    const ofTenant = this.listeners.get(tenantId) ?? new Set();
    this.listeners.set(tenantId, ofTenant.add(listener));
    return () => {
      ofTenant.delete(listener);
      if (ofTenant.size === 0 && this.listeners.get(tenantId) === ofTenant) this.listeners.delete(tenantId);
    };
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    this.connection?.disconnect();
    await this.reading;
  }

  private async follow(): Promise<void> {
    const end = await orUnavailable(endOfLog(this.redis));
    if (this.stopping.signal.aborted) return;
    this.at = end;
    this.connection = connectRedis(this.environment.redis.server, patient, this.logger);
    this.reading = this.read(this.connection);
  }

  private async read(connection: Redis): Promise<void> {
    let isGoingOn = false;
    while (!this.isStopping()) {
      try {
        if (!isGoingOn) this.meet(await endOfLog(connection));
        isGoingOn = false;
        const streams = await connection.xread(
          ...(['COUNT', READ_COUNT, 'BLOCK', BLOCK_MS, 'STREAMS', EVENT_LOG, this.at] as const),
        );
        isGoingOn = streams !== null;
        for (const [, entries] of streams ?? []) for (const entry of entries) this.tell(entry);
      } catch (error) {
        if (this.isStopping()) return;
        this.logger.warn({ error: String(error) }, 'The log of events can not be read, trying again');
        await delay(RETRY_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      }
    }
  }

  /** Nothing after our place may be nothing new, or a log that does not come so far: its clock is behind ours. */
  private meet(end: EventPlace): void {
    if (comparePlaces(this.at, end) <= 0) return;
    this.logger.warn({ place: this.at, end }, 'The log of events was set back');
    this.at = end;
    for (const listeners of this.listeners.values()) for (const listener of listeners) listener.setBack(end);
  }

  private isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  private tell(entry: [string, string[]]): void {
    if (isPlace(entry[0])) this.at = entry[0];
    const event = fromEntry(entry);
    const listeners = event && this.listeners.get(event.tenantId);
    if (!listeners) return;
    const frame = frameOf(event);
    for (const listener of listeners) listener.take(event, frame);
  }
}

/** As server-sent event: https://html.spec.whatwg.org/multipage/server-sent-events.html */
export const frameOf = ({ place, type, json }: LoggedEvent): string =>
  `id: ${place}\nevent: ${type}\ndata: ${json}\n\n`;
