import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Client, type Write, WriteRefused } from './client.ts';
import { csvOf } from './csv.ts';
import type { Ledger } from './ledger.ts';

export interface LoadOptions {
  /** Clients that each wait for their answer before they send more. */
  clients?: number;
  writesPerSecond?: number;
  /** Whether small files are uploaded among the single writes. */
  uploads?: boolean;
  /** Accepted single writes after which the load ends by itself. */
  maxWrites?: number;
}

/** Most attributes that a customer may have is 50: a client then goes on with another customer. */
const CHANGES_PER_CUSTOMER = 40;
const SHARED_CUSTOMERS = 20;
const SMALL_FILE_ROWS = 50;
/** A server that was away is not made up for at once. */
const MAX_BACKLOG_MS = 1_000;

/** Clients that write, and put down in the ledger what was accepted. */
export class Load {
  /** Answers that no retry can change. */
  readonly refused: string[] = [];
  /** Writes that had no 202 when patience ended. */
  unanswered = 0;
  readonly #id = randomUUID().slice(0, 8);
  readonly #client: Client;
  readonly #ledger: Ledger;
  readonly #options: Required<LoadOptions>;
  readonly #impatience = new AbortController();
  #shared: string[] = [];
  #stopping = false;
  #running: Promise<unknown> = Promise.resolve();
  #nextSlot = 0;
  #number = 0;

  constructor(client: Client, ledger: Ledger, options: LoadOptions = {}) {
    this.#client = client;
    this.#ledger = ledger;
    this.#options = { clients: 8, writesPerSecond: 120, uploads: true, maxWrites: Infinity, ...options };
  }

  /** Settles when the customers that all clients share are accepted, and the load has begun. */
  async start(): Promise<void> {
    const shared = Array.from({ length: SHARED_CUSTOMERS }, () => this.#create());
    this.#shared = (await Promise.all(shared)).filter((id) => id !== undefined);
    this.#nextSlot = performance.now();
    this.#running = Promise.all(Array.from({ length: this.#options.clients }, () => this.#run()));
  }

  /** Whether all is written that there was to write. */
  get isOver(): boolean {
    return this.#ledger.writes >= this.#options.maxWrites;
  }

  /** Ends the load: what was begun is sent until it is accepted, or patience ends. */
  async stop(patienceMs: number): Promise<void> {
    this.#stopping = true;
    const done = new AbortController();
    const patience = delay(patienceMs, undefined, { signal: done.signal }).then(
      () => {
        this.#impatience.abort();
      },
      () => undefined,
    );
    await this.#running;
    done.abort();
    await patience;
  }

  async #run(): Promise<void> {
    let own: { id: string; email: string; changes: number } | undefined;
    while (!this.#stopping && !this.isOver) {
      await this.#slot();
      const dice = Math.random();
      if (this.#options.uploads && dice < 0.005) await this.#upload();
      else if (dice < 0.35) await this.#visit(own && dice < 0.1 ? own.id : this.#sharedCustomer());
      else if (!own || own.changes === CHANGES_PER_CUSTOMER || dice < 0.55) {
        const email = this.#newEmail();
        const id = await this.#create(email);
        own = id === undefined ? undefined : { id, email, changes: 0 };
      } else if (dice < 0.95) {
        await this.#change(own.id, own.changes++);
      } else {
        const { id, email } = own;
        await this.#delete(id);
        // The email is free from now on: whoever comes next may have it.
        const next = await this.#create(email);
        own = next === undefined ? undefined : { id: next, email, changes: 0 };
      }
    }
  }

  #sharedCustomer(): string {
    return this.#shared[Math.floor(Math.random() * this.#shared.length)] ?? '';
  }

  #newEmail(): string {
    return `${this.#id}-${++this.#number}@example.org`;
  }

  async #create(email = this.#newEmail()): Promise<string | undefined> {
    const name = 'New';
    const accepted = await this.#send({ method: 'POST', path: '/api/customer', json: { name, email } });
    if (accepted) this.#ledger.created(accepted.customerId, email, name);
    return accepted?.customerId;
  }

  async #visit(id: string): Promise<void> {
    const json = { spent: '0.01', visits: 1, at: new Date().toISOString() };
    const accepted = await this.#send({ method: 'POST', path: `/api/customer/${id}/stats`, json });
    if (accepted) this.#ledger.visited(id);
  }

  async #change(id: string, change: number): Promise<void> {
    const [name, attribute, value] = [`Name ${change}`, `change${change}`, ++this.#number];
    const json = { name, attributes: { [attribute]: value } };
    const accepted = await this.#send({ method: 'PATCH', path: `/api/customer/${id}`, json });
    if (accepted) this.#ledger.changed(id, name, attribute, value);
  }

  async #delete(id: string): Promise<void> {
    const accepted = await this.#send({ method: 'DELETE', path: `/api/customer/${id}` });
    if (accepted) this.#ledger.deleted(id);
  }

  async #upload(): Promise<void> {
    const prefix = `file-${this.#id}-${++this.#number}`;
    const csv = csvOf(prefix, SMALL_FILE_ROWS);
    const accepted = await this.#send({ method: 'POST', path: '/api/customer/upload', csv });
    if (accepted) this.#ledger.uploaded({ importId: accepted.importId, prefix, rows: SMALL_FILE_ROWS });
  }

  async #send(write: Write) {
    try {
      const accepted = await this.#client.write(write, this.#impatience.signal);
      if (!accepted) this.unanswered += 1;
      return accepted;
    } catch (error) {
      if (!(error instanceof WriteRefused)) throw error;
      this.refused.push(error.message);
      return undefined;
    }
  }

  /** Spreads the writes of all clients evenly over time. */
  async #slot(): Promise<void> {
    const now = performance.now();
    this.#nextSlot = Math.max(this.#nextSlot, now - MAX_BACKLOG_MS) + 1_000 / this.#options.writesPerSecond;
    if (this.#nextSlot > now) await delay(this.#nextSlot - now);
  }
}
