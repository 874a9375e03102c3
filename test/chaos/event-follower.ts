import { setTimeout as delay } from 'node:timers/promises';
import { type Answers, count } from './traffic.ts';

const COME_BACK_MS = 100;

/** Follows the events of a tenant as a browser does: when its stream ends, it comes back with the last id that it has. */
export class EventFollower {
  /** Ids of customers whose creation was told. */
  readonly created = new Set<string>();
  /** Of the streams it began; 0 for one that was cut off. */
  readonly answers: Answers = new Map();
  /** Streams that the service ended in order. */
  ends = 0;
  readonly #url: string;
  readonly #token: string;
  readonly #leaving = new AbortController();
  readonly #running: Promise<void>;
  #lastId: string | undefined;

  constructor(url: string, token: string) {
    this.#url = `${url}/api/events?types=customer.created`;
    this.#token = token;
    this.#running = this.#follow();
  }

  async end(): Promise<void> {
    this.#leaving.abort();
    await this.#running;
  }

  async #follow(): Promise<void> {
    for (;;) {
      try {
        await this.#once();
        this.ends += 1;
      } catch {
        if (this.#leaving.signal.aborted) return;
        count(this.answers, 0);
      }
      await delay(COME_BACK_MS);
    }
  }

  /** Settles when the stream was ended in order. */
  async #once(): Promise<void> {
    const answer = await fetch(this.#url, {
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(this.#lastId !== undefined && { 'last-event-id': this.#lastId }),
      },
      signal: this.#leaving.signal,
    });
    count(this.answers, answer.status);
    let unread = '';
    const text = answer.body?.pipeThrough(new TextDecoderStream()) ?? [];
    for await (const part of text) {
      const frames = (unread + part).split('\n\n');
      unread = frames.pop() ?? '';
      for (const frame of frames) this.#take(frame);
    }
  }

  #take(frame: string): void {
    this.#lastId = /^id: (.+)$/m.exec(frame)?.[1] ?? this.#lastId;
    const json = /^data: (.+)$/m.exec(frame)?.[1];
    if (json === undefined) return;
    const { data } = JSON.parse(json) as { data?: { customerId?: string } };
    if (data?.customerId !== undefined) this.created.add(data.customerId);
  }
}
