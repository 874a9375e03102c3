import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '../../logging/logger';
import { DeliveryLog } from '../delivery-log';
import type { DeliveryState, DeliveryTry } from '../delivery';
import { RETRY_DELAYS, retryDelayMs } from '../retry-delays';
import type { DeliveryOutcome } from '../webhook-jobs';
import { WebhookStore } from '../webhook-store';
import { DeliveryFailed } from './delivery-failed';
import type { DeliveryJob } from './delivery-job';
import type { Sent } from './delivery-sender';

/** The receiver wants no more, for good. */
const GONE = 410;
/** Its `Retry-After` counts. */
const BUSY = [429, 503];

/** What a try comes to: for the log of the tenant, our own, and the queue. */
@Injectable()
export class DeliveryOutcomes {
  constructor(
    private readonly log: DeliveryLog,
    private readonly store: WebhookStore,
    @Inject(RETRY_DELAYS) private readonly delays: readonly number[],
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @param url where it was sent @throws DeliveryFailed when it is to be tried again, or is given up */
  async ofAnswer(job: DeliveryJob, sent: Sent, url: string): Promise<DeliveryOutcome> {
    const { status = 0, error, durationMs } = sent;
    const tried: DeliveryTry = {
      at: Date.now() - durationMs,
      durationMs,
      ...(error === undefined ? { status } : { error }),
    };
    if (status >= 200 && status < 300) {
      await this.tell(job, { status: 'delivered' }, tried);
      return { outcome: 'delivered', status };
    }
    if (status === GONE && (await this.disable(job, url))) return this.ofGone(job, tried);
    throw await this.failed(job, tried, BUSY.includes(status) ? sent.retryAfterMs : undefined);
  }

  /** The webhook was deleted, and its log with it. */
  gone(job: DeliveryJob): DeliveryOutcome {
    this.line(job, 'webhook-gone');
    return { outcome: 'webhook-gone' };
  }

  async disabled(job: DeliveryJob): Promise<DeliveryOutcome> {
    await this.tell(job, { status: 'dead' });
    return { outcome: 'webhook-disabled' };
  }

  /** The queue gave it up without another try: its workers died or hung too often. */
  async lost(job: DeliveryJob): Promise<void> {
    await this.tell(job, { status: 'dead' });
  }

  /** @returns false when its URL was changed meanwhile: the answer was another receiver's */
  private async disable({ data }: DeliveryJob, url: string): Promise<boolean> {
    const { tenantId, webhookId } = data;
    const changed = await this.store.change(tenantId, webhookId, (webhook) =>
      webhook.url === url
        ? {
            ...webhook,
            enabled: false,
            disabledReason: 'The receiver answered 410 Gone.',
            updatedAt: Date.now(),
          }
        : webhook,
    );
    return changed === undefined || changed.url === url;
  }

  private async ofGone(job: DeliveryJob, tried: DeliveryTry): Promise<DeliveryOutcome> {
    await this.tell(job, { status: 'dead' }, tried);
    return { outcome: 'webhook-disabled' };
  }

  private async failed(job: DeliveryJob, tried: DeliveryTry, askedMs?: number): Promise<DeliveryFailed> {
    const tries = job.attemptsMade + 1;
    const delayMs = retryDelayMs(this.delays, tries, askedMs);
    const isLast = tries >= (job.opts.attempts ?? 1);
    const state: DeliveryState = isLast
      ? { status: 'dead' }
      : { status: 'failed', nextAttemptAt: Date.now() + delayMs };
    await this.tell(job, state, tried);
    return new DeliveryFailed(tried.error ?? describe(tried.status ?? 0), delayMs);
  }

  private async tell(job: DeliveryJob, state: DeliveryState, tried?: DeliveryTry): Promise<void> {
    const { tenantId, webhookId, deliveryId } = job.data;
    await this.log.record({ id: webhookId, tenantId }, deliveryId, state, tried);
    this.line(job, state.status, tried);
  }

  /** Ids only: a URL may hold a secret, and an event is about a person. */
  private line({ data, attemptsMade }: DeliveryJob, outcome: string, tried?: DeliveryTry): void {
    const { tenantId, webhookId, deliveryId, requestId, event } = data;
    const ids = { tenantId, webhookId, deliveryId, requestId, eventId: event.id };
    const level = outcome === 'dead' || outcome === 'failed' ? 'warn' : 'info';
    this.logger[level]({ ...ids, attempt: attemptsMade + 1, outcome, ...tried }, 'webhook delivery');
  }
}

const describe = (status: number): string =>
  status >= 300 && status < 400
    ? `the receiver answered ${status}; redirects are not followed`
    : `the receiver answered ${status}`;
