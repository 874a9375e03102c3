import { setTimeout as delay } from 'node:timers/promises';
import { causeOf } from './client.ts';
import { EventFollower } from './event-follower.ts';
import type { Stage } from './stage.ts';
import { until } from './until.ts';

/** How an address was answered: by status; 0 for no answer, or one that was cut off. */
export type Answers = Map<number, number>;

const READ_EVERY_MS = 40;
const READ_MS = 5_000;
const PATHS = ['/api/customer?limit=5', '/api/customer/imports', '/api/queue/stats', '/api/queue/health'];
const UPLOADERS = 2;
const ROWS = 4_000;
/** With 4,000 rows some 2 MiB. */
const ADDRESS_LENGTH = 480;
const UPLOAD_MS = 10_000;
const EVENTS_MS = 60_000;

/** What goes on beside single writes: reads, large files that take their time to arrive, and streams that are followed. */
export class Traffic {
  readonly #stage: Stage;
  readonly #followers: EventFollower[];
  readonly #reads: Answers = new Map();
  readonly #stopping = new AbortController();
  readonly #running: Promise<unknown>;

  private constructor(stage: Stage) {
    this.#stage = stage;
    this.#followers = stage.urls.map((url) => new EventFollower(url, stage.token));
    const uploaders = Array.from({ length: UPLOADERS }, (_, index) => this.#upload(index));
    this.#running = Promise.all([...stage.urls.map((url) => this.#read(url)), ...uploaders]);
  }

  /** Settles when the streams are open: what happens from then on is seen. It ends with {@link end}. */
  static async begin(stage: Stage): Promise<Traffic> {
    const traffic = new Traffic(stage);
    const areOpen = () => (traffic.#followers.every(({ answers }) => answers.size > 0) ? true : undefined);
    await until('event streams to be open', areOpen, { timeoutMs: EVENTS_MS });
    return traffic;
  }

  /** Settles when all that was begun has its answer, and tells the stage what was answered. */
  async end(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    // Single writes may go on.
    const created = [...this.#stage.ledger.customers.keys()];
    await Promise.all(this.#followers.map((follower) => this.#conclude(follower, created)));
    this.#tell('reads', this.#reads);
  }

  async #read(url: string): Promise<void> {
    for (let turn = 0; !this.#stopping.signal.aborted; turn++) {
      count(this.#reads, await this.#statusOf(url + (PATHS[turn % PATHS.length] ?? '')));
      await delay(READ_EVERY_MS);
    }
  }

  async #statusOf(url: string): Promise<number> {
    try {
      const headers = { authorization: `Bearer ${this.#stage.token}` };
      const answer = await fetch(url, { headers, signal: AbortSignal.timeout(READ_MS) });
      await answer.text();
      return answer.status;
    } catch (error) {
      this.#stage.problems.push(`GET ${url}: ${causeOf(error)} at ${new Date().toISOString()}`);
      return 0;
    }
  }

  /** The uploaders take turns, so that at any moment a file is in the middle of its way. */
  async #upload(index: number): Promise<void> {
    await delay((UPLOAD_MS / UPLOADERS) * index);
    while (!this.#stopping.signal.aborted)
      await this.#stage.upload(ROWS, { addressLength: ADDRESS_LENGTH, overMs: UPLOAD_MS });
  }

  /** A stream that was ended goes on where it was: nobody misses an event. */
  async #conclude(follower: EventFollower, created: readonly string[]): Promise<void> {
    const missing = () => created.filter((id) => !follower.created.has(id));
    const seesAll = () => (missing().length === 0 ? true : undefined);
    await until('all events to be seen', seesAll, { timeoutMs: EVENTS_MS }).catch(() => {
      this.#stage.problems.push(`a stream missed ${missing().length} customers that were created`);
    });
    await follower.end();
    this.#stage.notes.push(`an event stream that was ended in order ${follower.ends} times`);
    this.#tell('event streams', follower.answers);
  }

  #tell(what: string, answers: Answers): void {
    const counts = [...answers].map(([status, times]) => `${times} × ${status === 0 ? 'cut off' : status}`);
    this.#stage.notes.push(`${what}: ${counts.join(', ')}`);
    const failed = [...answers].filter(([status]) => status !== 200);
    for (const [status, times] of failed) this.#stage.problems.push(`${what}: ${times} × ${status}`);
  }
}

export function count(answers: Answers, status: number): void {
  answers.set(status, (answers.get(status) ?? 0) + 1);
}
