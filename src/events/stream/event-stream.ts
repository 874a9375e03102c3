import { Readable } from 'node:stream';
import { comparePlaces, type EventPlace, type LoggedEvent } from '../event-log';
import { frameOf, type EventFeed } from './event-feed';
import type { EventHistory } from './event-history';

/** What a client asked for. */
export interface EventWish {
  tenantId: string;
  /** All of them where it is not given. */
  types: ReadonlySet<string> | undefined;
  /** The last event that it has. */
  after: EventPlace | undefined;
}

/** How long a client that went away and comes back waits, in ms. */
const RETRY_MS = 2_000;
/** How long a client may take nothing of what waits for it, in ms. */
const STALLED_MS = 60_000;

/** The body of one client's answer: first what it missed, then what happens. */
export class EventStream extends Readable {
  private at: EventPlace;
  private isLive = false;
  private isOver = false;
  private mute: () => void = () => undefined;
  private roomMade: () => void = () => undefined;

  /** @param bufferBytes that may wait for this client */
  constructor(
    private readonly wish: EventWish,
    private readonly feed: EventFeed,
    private readonly history: EventHistory,
    private readonly bufferBytes: number,
  ) {
    super();
    this.at = wish.after ?? feed.place;
    this.push(`retry: ${RETRY_MS}\n${idOf(this.at)}`);
  }

  /** Settles when the client has what it missed, or is gone. @throws QueueUnavailable */
  async catchUp(): Promise<void> {
    if (this.wish.after !== undefined) await this.sendHistory();
    this.goLive();
  }

  /** Shows that the stream is alive, and how far it is: a client to which nothing happens must not fall out of the log. */
  beat(): void {
    if (!this.isLive) {
      this.send(':\n\n');
      return;
    }
    if (comparePlaces(this.feed.place, this.at) > 0) this.at = this.feed.place;
    this.send(idOf(this.at));
  }

  /** Ends it in order: the client comes back where it was. */
  finish(): void {
    if (this.isOver) return;
    this.push(null);
    this.endHere();
  }

  override _read(): void {
    this.roomMade();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.endHere();
    callback(error);
  }

  private endHere(): void {
    this.isOver = true;
    this.isLive = false;
    this.mute();
    this.roomMade();
  }

  /** Nothing is awaited since the history was at its end: what the feed tells next is what comes next. */
  private goLive(): void {
    if (this.isOver) return;
    this.isLive = true;
    this.mute = this.feed.listen(this.wish.tenantId, {
      take: (event, frame) => {
        this.deliver(event, frame);
        if (this.readableLength > this.bufferBytes) this.fallBehind();
      },
      setBack: (end) => {
        if (comparePlaces(this.at, end) > 0) this.startAnew();
        else this.fallBehind();
      },
    });
  }

  /** What happens meanwhile, such as to a client that is slow, is not held: it is read from the log when there is room. */
  private fallBehind(): void {
    this.mute();
    this.isLive = false;
    this.sendHistory().then(
      () => {
        this.goLive();
      },
      (error: unknown) => {
        this.destroy(error instanceof Error ? error : new Error(String(error)));
      },
    );
  }

  private async sendHistory(): Promise<void> {
    for (;;) {
      await this.room();
      const page = await this.history.after(this.at);
      if (this.hasEnded()) return;
      if (page.isBroken) {
        this.startAnew();
        return;
      }
      for (const event of page.events) this.deliver(event, frameOf(event));
      this.at = page.until;
      if (page.isLast && comparePlaces(this.feed.place, this.at) <= 0) return;
    }
  }

  /** It is not known what the client lacks. */
  private startAnew(): void {
    this.at = this.feed.place;
    this.send(`event: reset\n${idOf(this.at).trimEnd()}\ndata: ${JSON.stringify(RESET)}\n\n`);
  }

  /** Meanwhile, as it is asked after something was awaited. */
  private hasEnded(): boolean {
    return this.isOver;
  }

  private deliver({ place, tenantId, type }: LoggedEvent, frame: string): void {
    // The history may be ahead of the feed.
    if (comparePlaces(place, this.at) <= 0) return;
    this.at = place;
    if (tenantId !== this.wish.tenantId) return;
    if (this.wish.types === undefined || this.wish.types.has(type)) this.send(frame);
  }

  private send(frame: string): void {
    if (this.isOver) return;
    this.push(frame);
  }

  /** Resolves when the client has taken what it was sent. */
  private async room(): Promise<void> {
    if (this.readableLength < this.readableHighWaterMark || this.isOver) return;
    const patience = setTimeout(() => {
      this.destroy();
    }, STALLED_MS);
    await new Promise<void>((resolve) => {
      this.roomMade = resolve;
    });
    this.roomMade = () => undefined;
    clearTimeout(patience);
  }
}

const RESET = {
  reason: 'Events after the last one that you have are not kept any more: read what you need anew.',
};

const idOf = (place: EventPlace): string => `id: ${place}\n\n`;
