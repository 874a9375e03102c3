import { Redis } from 'ioredis';

type Sign = 'accepted' | 'completed';

interface Event {
  type: string;
  id: string;
  tenantid: string;
  data: { importId?: string };
}

/** A job of a customer or a chunk of an import was completed. */
const COMPLETED = new Set([
  'customer.created',
  'customer.updated',
  'customer.deleted',
  'customer.stats.updated',
  'customer.import.progress',
]);

/** Signs of life: each 202, and each completed job as the subscribers of `customer.events` see it. */
export class Pulse {
  /** Ids of `customer.import.completed`, by import. */
  readonly completedImports = new Map<string, Set<string>>();
  readonly #redis: Redis;
  readonly #tenantId: string;
  readonly #waiting: { sign: Sign; wake: () => void }[] = [];
  #onImportCompleted: (() => void) | undefined;

  private constructor(redisUrl: string, tenantId: string) {
    this.#tenantId = tenantId;
    this.#redis = new Redis(redisUrl, {
      maxRetriesPerRequest: null,
      autoResubscribe: true,
      retryStrategy: () => 50,
    });
    this.#redis.on('error', () => undefined);
    this.#redis.on('message', (_channel, message) => {
      this.#hear(JSON.parse(message) as Event);
    });
  }

  static async of(redisUrl: string, tenantId: string): Promise<Pulse> {
    const pulse = new Pulse(redisUrl, tenantId);
    await pulse.#redis.subscribe('customer.events');
    return pulse;
  }

  accepted(): void {
    this.#beat('accepted');
  }

  /** Settles at the next sign, counted from now. @throws when there is none in time */
  next(sign: Sign, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        reject(new Error(`nothing was ${sign} within ${timeoutMs / 1_000} s`));
      }, timeoutMs);
      this.#waiting.push({
        sign,
        wake: () => {
          clearTimeout(late);
          resolve();
        },
      });
    });
  }

  /** Called at the moment that the end of an import is told. */
  onImportCompleted(listener: () => void): void {
    this.#onImportCompleted = listener;
  }

  close(): void {
    this.#redis.disconnect();
  }

  #hear({ type, id, tenantid, data }: Event): void {
    if (tenantid !== this.#tenantId) return;
    if (COMPLETED.has(type)) this.#beat('completed');
    if (type !== 'customer.import.completed') return;
    const importId = data.importId ?? '';
    this.completedImports.set(importId, (this.completedImports.get(importId) ?? new Set()).add(id));
    this.#onImportCompleted?.();
  }

  #beat(sign: Sign): void {
    for (let index = this.#waiting.length - 1; index >= 0; index--) {
      if (this.#waiting[index]?.sign === sign) this.#waiting.splice(index, 1)[0]?.wake();
    }
  }
}
