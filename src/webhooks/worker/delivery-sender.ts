import { Injectable } from '@nestjs/common';
import { Client } from 'undici';
import { Environment } from '../../config/environment';
import { PRODUCT_VERSION } from '../../product-version';
import { retryAfterMs } from '../retry-delays';
import { TargetCheck } from '../target/target-check';
import { TargetRefused } from '../target/target-refused';

/** What is read of an answer's body, so that its receiver is done with it; nobody looks at it. */
const BODY_READ_BYTES = 4 * 1024;

/** What came of one try. */
export interface Sent {
  durationMs: number;
  /** Of the answer. */
  status?: number;
  /** Why there was none. */
  error?: string;
  /** What the receiver asked for, in ms. */
  retryAfterMs?: number | undefined;
}

/**
 * Posts to a receiver, once: no redirect is followed, no proxy asked, no connection kept. The connection is made to an
 * address that was checked.
 */
@Injectable()
export class DeliverySender {
  constructor(
    private readonly environment: Environment,
    private readonly targets: TargetCheck,
  ) {}

  /** @param stopping gives the try up @returns also when there was no answer */
  async send(
    target: string,
    headers: Record<string, string>,
    body: string,
    stopping: AbortSignal,
  ): Promise<Sent> {
    const startedAt = performance.now();
    const took = (): number => Math.round(performance.now() - startedAt);
    const signal = AbortSignal.any([AbortSignal.timeout(this.environment.webhooks.timeoutMs), stopping]);
    try {
      const answer = await this.post(target, headers, body, signal);
      return { ...answer, durationMs: took() };
    } catch (error) {
      return { error: reasonOf(error), durationMs: took() };
    }
  }

  private async post(
    target: string,
    headers: Record<string, string>,
    body: string,
    signal: AbortSignal,
  ): Promise<Omit<Sent, 'durationMs'>> {
    const url = this.targets.parse(target);
    const { timeoutMs } = this.environment.webhooks;
    // One of its own for each try: nothing waits behind another, and nothing is shared between receivers.
    const client = new Client(url.origin, {
      pipelining: 0,
      allowH2: false,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      connect: { lookup: this.targets.lookup, timeout: timeoutMs },
    });
    try {
      const response = await client.request({
        path: url.pathname + url.search,
        method: 'POST',
        headers: {
          ...headers,
          'content-type': 'application/json',
          'user-agent': `InsightCRM-Webhooks/${PRODUCT_VERSION}`,
        },
        body,
        signal,
      });
      const { 'retry-after': retryAfter } = response.headers;
      const asked = typeof retryAfter === 'string' ? retryAfterMs(retryAfter, Date.now()) : undefined;
      // The status says it all: whatever becomes of the rest.
      await response.body.dump({ limit: BODY_READ_BYTES, signal }).catch(() => undefined);
      return { status: response.statusCode, retryAfterMs: asked };
    } finally {
      await client.destroy();
    }
  }
}

/** For the log of the tenant: no more than what it can see itself. */
function reasonOf(error: unknown): string {
  if (error instanceof TargetRefused) return error.message;
  if (!isErrorLike(error)) return 'unknown';
  if (error.cause instanceof TargetRefused) return error.cause.message;
  const code = typeof error.code === 'string' ? error.code : undefined;
  return error.name === 'TimeoutError' || code?.endsWith('_TIMEOUT') === true
    ? 'timeout'
    : (code ?? error.name);
}

/** By its looks: an error of Node's own may come from another realm than ours. */
const isErrorLike = (error: unknown): error is Error & { code?: unknown } =>
  typeof error === 'object' && error !== null && 'name' in error && 'message' in error;
