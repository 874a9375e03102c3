import { Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Environment } from '../../config/environment';
import type { KeptAnswer } from './idempotency-records';
import { recordsOf } from './record-keys';

/** Keys that Redis looks at in one go. */
const SCANNED_AT_ONCE = 1_000;

/** KEYS: record. ARGV: the answer as it was, and as it shall be. One that is gone gets no key of its own. */
const REPLACE = `
if redis.call('HGET', KEYS[1], 'answer') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'answer', ARGV[2])
return 1`;

/** An answer that is kept, where it is. */
export interface FoundAnswer {
  key: string;
  json: string;
}

/** Answers that are kept for repeated requests, and the emails in them. There is no index: all keys are looked at. */
@Injectable()
export class KeptAnswers {
  constructor(
    private readonly redis: Redis,
    private readonly environment: Environment,
  ) {}

  /** Those of a tenant that have one of these texts, page by page. */
  async *find(tenantId: string, texts: readonly string[]): AsyncGenerator<FoundAnswer[]> {
    const pattern = `${escaped(recordsOf(this.environment.redis.prefix, tenantId))}*`;
    let cursor = '0';
    do {
      const [next, keys] = await this.redis.scan(cursor, 'MATCH', pattern, 'COUNT', SCANNED_AT_ONCE);
      cursor = next;
      const found = await this.read(keys.filter((key) => !key.endsWith(':lock')));
      yield found.filter(({ json }) => texts.some((text) => json.includes(text)));
    } while (cursor !== '0');
  }

  /** The same answer from now on, but for the email: without any, a repeated request would do its work again. */
  async withoutEmail({ key, json }: FoundAnswer): Promise<void> {
    const { body, ...answer } = JSON.parse(json) as KeptAnswer & { body: { data?: Record<string, unknown> } };
    const { email: _, ...data } = body.data ?? {};
    await this.redis.eval(REPLACE, 1, key, json, JSON.stringify({ ...answer, body: { ...body, data } }));
  }

  private async read(keys: readonly string[]): Promise<FoundAnswer[]> {
    if (keys.length === 0) return [];
    const pipeline = this.redis.pipeline();
    for (const key of keys) pipeline.hget(key, 'answer');
    const answers = (await pipeline.exec()) ?? [];
    return answers.flatMap(([error, json], index) => {
      if (error) throw error;
      return typeof json === 'string' ? [{ key: keys[index] ?? '', json }] : [];
    });
  }
}

/** A tenant's name may have what a pattern takes for something else. */
const escaped = (text: string): string => text.replaceAll(/[[\]*?\\]/g, (sign) => `\\${sign}`);
