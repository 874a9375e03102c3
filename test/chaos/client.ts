import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

/** A write, as a client that must not lose it would send it. */
export interface Write {
  method: 'POST' | 'PATCH' | 'DELETE';
  path: string;
  json?: unknown;
  csv?: string;
  /** How long the file takes on its way; at once unless told. */
  overMs?: number;
  headers?: Record<string, string>;
  /** Made anew where it is not given, and the same for all attempts. */
  key?: string;
  /** How long one attempt may take. */
  timeoutMs?: number;
}

/** The `data` of a 202. */
export interface Accepted {
  jobId: string;
  customerId: string;
  importId: string;
}

/** What the attempts of all writes came to. */
export interface Attempts {
  /** By status; 0 for a connection that broke or was refused. */
  answers: Map<number, number>;
  /** Attempts without any answer in time, from a process that was there. */
  hung: number;
  /** The longest time that a 503 took. */
  slowest503Ms: number;
  /** Why the first of those without an answer have none. */
  failures: string[];
}

const ATTEMPT_MS = 5_000;
const RETRY_MS = 100;
const MAX_FAILURES = 5;

/** An answer that no retry can change, and that no load of ours should get. */
export class WriteRefused extends Error {
  override readonly name = 'WriteRefused';
}

/** Sends writes, each with an Idempotency-Key, and again with the same key until it is accepted. */
export class Client {
  readonly attempts: Attempts = { answers: new Map(), hung: 0, slowest503Ms: 0, failures: [] };
  readonly #urls: readonly string[];
  #turn = 0;
  readonly #token: string;
  readonly #onAccepted: () => void;

  /** @param urls of one service, which are asked in turn */
  constructor(urls: readonly string[], token: string, onAccepted: () => void = () => undefined) {
    this.#urls = urls;
    this.#token = token;
    this.#onAccepted = onAccepted;
  }

  /**
   * @returns what was answered with the 202; undefined when `patience` was aborted before
   * @throws WriteRefused for a 4xx other than 409 and 429
   */
  async write(write: Write, patience?: AbortSignal): Promise<Accepted | undefined> {
    const key = write.key ?? randomUUID();
    while (patience?.aborted !== true) {
      const { status, body } = await this.attempt({ ...write, key });
      if (status === 202) {
        this.#onAccepted();
        return (body as { data: Accepted }).data;
      }
      if (status >= 400 && status < 500 && status !== 409 && status !== 429) {
        throw new WriteRefused(`${write.method} ${write.path}: ${status} ${JSON.stringify(body)}`);
      }
      await delay(RETRY_MS * (0.5 + Math.random()));
    }
    return undefined;
  }

  /** One attempt. @returns status 0 where there was no answer */
  async attempt({ method, path, json, csv, overMs, headers, key, timeoutMs = ATTEMPT_MS }: Write): Promise<{
    status: number;
    body: unknown;
  }> {
    const startedAt = performance.now();
    const url = this.#nextUrl() + path;
    const type = csv === undefined ? (json === undefined ? undefined : 'application/json') : 'text/csv';
    try {
      const response = await fetch(url, {
        method,
        headers: {
          authorization: `Bearer ${this.#token}`,
          ...(key !== undefined && { 'idempotency-key': key }),
          ...(type !== undefined && { 'content-type': type }),
          ...headers,
        },
        ...(type !== undefined && { body: csv ?? JSON.stringify(json) }),
        ...(csv !== undefined && overMs !== undefined && { body: slowly(csv, overMs), duplex: 'half' }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      const body: unknown = await response.json();
      this.#count(response.status);
      if (response.status === 503) {
        const tookMs = performance.now() - startedAt;
        this.attempts.slowest503Ms = Math.max(this.attempts.slowest503Ms, tookMs);
      }
      return { status: response.status, body };
    } catch (error) {
      this.#count(0);
      if (this.attempts.failures.length < MAX_FAILURES)
        this.attempts.failures.push(
          `${method} ${url}: ${causeOf(error)} at ${new Date().toISOString()}, after ${Math.round(performance.now() - startedAt)} ms`,
        );
      if (error instanceof DOMException && error.name === 'TimeoutError') this.attempts.hung += 1;
      return { status: 0, body: undefined };
    }
  }

  /** @returns the `data` of a 200, undefined for anything else */
  async read(path: string): Promise<unknown> {
    try {
      const response = await fetch(this.#nextUrl() + path, {
        headers: { authorization: `Bearer ${this.#token}` },
        signal: AbortSignal.timeout(ATTEMPT_MS),
      });
      const body = (await response.json()) as { data?: unknown };
      return response.ok ? body.data : undefined;
    } catch {
      return undefined;
    }
  }

  #nextUrl(): string {
    this.#turn += 1;
    return this.#urls[this.#turn % this.#urls.length] ?? '';
  }

  #count(status: number): void {
    this.attempts.answers.set(status, (this.attempts.answers.get(status) ?? 0) + 1);
  }
}

/** `fetch` itself says only that it failed. */
export function causeOf(error: unknown): string {
  const { cause } = error instanceof Error ? error : { cause: undefined };
  return String(cause instanceof Error ? ('code' in cause ? cause.code : cause) : error);
}

const PARTS = 50;

/** A body that arrives bit by bit. */
function slowly(text: string, overMs: number): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  const size = Math.ceil(bytes.length / PARTS);
  let sent = 0;
  return new ReadableStream({
    async pull(controller) {
      await delay(overMs / PARTS);
      controller.enqueue(bytes.subarray(sent, (sent += size)));
      if (sent >= bytes.length) controller.close();
    },
  });
}
