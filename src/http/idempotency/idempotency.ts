import { Inject, Injectable } from '@nestjs/common';
import { newId } from '../../customer/customer-id';
import { mayBeDone } from '../../queue/queue-unavailable';
import { LOGGER, type Logger } from '../../logging/logger';
import type { Exchange } from '../exchange';
import { toRefusal } from '../refusals';
import type { Attempt, UploadAttempt } from './attempt';
import { fingerprintOf, fingerprintOfRoute } from './fingerprint';
import { HashedFile } from './hashed-file';
import { idempotencyKeyOf } from './idempotency-key';
import { IdempotencyRecords, type Claim, type KeptAnswer } from './idempotency-records';
import { KeyReused } from './key-reused';
import { Lease } from './lease';

/** How long after its death a request still holds its key, in ms. */
const WRITE_LEASE_MS = 3_000;
/** Longer: who takes over sends the whole file again. */
const UPLOAD_LEASE_MS = 15_000;

/**
 * Does a write once per `Idempotency-Key`, and answers a repeated request with the first answer. A write without a key
 * is just done.
 *
 * Refused for certain, it leaves the key free. When it is not known whether it was done, the key keeps the id of the
 * work, and the next request with it does the same work under the same id: a job that exists is not added again.
 */
@Injectable()
export class Idempotency {
  constructor(
    private readonly records: IdempotencyRecords,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * @param work does it, under the id it is given, and returns the body of the answer
   * @throws InvalidRequest, KeyInUse, KeyReused, QueueUnavailable, and what `work` throws
   */
  async once<T extends object>(exchange: Exchange, work: (attempt: Attempt) => Promise<T>): Promise<T> {
    const key = idempotencyKeyOf(exchange.request);
    if (key === undefined) return work({ id: newId(), isRepeat: false });
    const { tenantId } = exchange.caller;
    const fingerprint = fingerprintOf(exchange.request);
    const claimed = await this.records.claim(tenantId, key, fingerprint, WRITE_LEASE_MS);
    if ('answer' in claimed) return replay(exchange, claimed.answer) as T;
    return this.perform(exchange, claimed.claim, () => work(claimed.claim));
  }

  /** The same for a file, which is compared with the first one as it arrives. */
  async onceForFile<T extends object>(
    exchange: Exchange,
    file: AsyncIterable<Buffer>,
    work: (attempt: UploadAttempt) => Promise<T>,
  ): Promise<T> {
    const key = idempotencyKeyOf(exchange.request);
    if (key === undefined) return work(withoutKey(file));
    const { tenantId } = exchange.caller;
    const fingerprint = fingerprintOfRoute(exchange.request);
    const claimed = await this.records.claim(tenantId, key, fingerprint, UPLOAD_LEASE_MS);
    if ('answer' in claimed) {
      if ((await new HashedFile(file).readThrough()) !== claimed.fileSha256) throw new KeyReused();
      return replay(exchange, claimed.answer) as T;
    }
    const { claim } = claimed;
    return this.perform(exchange, claim, (lease) => work(this.uploadAttempt(claim, lease, file)));
  }

  private uploadAttempt(claim: Claim, lease: Lease, source: AsyncIterable<Buffer>): UploadAttempt {
    const file = new HashedFile(source, () => {
      lease.heard();
    });
    return {
      id: claim.id,
      isRepeat: claim.isRepeat,
      canBeRepeated: true,
      file,
      arrived: () => this.records.seal(claim, file.sha256()),
      isOurs: () => this.records.renew(claim),
    };
  }

  private async perform<T extends object>(
    { reply }: Exchange,
    claim: Claim,
    work: (lease: Lease) => Promise<T>,
  ): Promise<T> {
    const lease = new Lease(this.records, claim, this.logger);
    try {
      const body = await work(lease);
      await this.keep(claim, { body, location: reply.getHeader('location')?.toString() });
      return body;
    } catch (error) {
      await this.letGo(claim, error);
      throw error;
    } finally {
      lease.end();
    }
  }

  /** The work is done and promised: without its answer, a repeated request does it again under the same id. */
  private async keep(claim: Claim, answer: KeptAnswer): Promise<void> {
    try {
      await this.records.complete(claim, answer);
    } catch (error) {
      this.logger.warn({ err: error, id: claim.id }, 'The answer to an idempotency key was not kept');
    }
  }

  private async letGo(claim: Claim, error: unknown): Promise<void> {
    const isRefused = !mayBeDone(error) && toRefusal(error).status !== 500;
    // An attempt before this one may have done what this one was refused.
    const released = this.records
      .release(claim, isRefused && !claim.isRepeat ? 'forget' : 'keep')
      .catch((fault: unknown) => {
        this.logger.warn({ err: fault, id: claim.id }, 'An idempotency key was not released; it will expire');
      });
    // With Redis away, the caller has waited long enough for it.
    if (isRefused) await released;
  }
}

const withoutKey = (file: AsyncIterable<Buffer>): UploadAttempt => ({
  id: newId(),
  isRepeat: false,
  canBeRepeated: false,
  file,
  arrived: () => Promise.resolve(),
  isOurs: () => Promise.resolve(true),
});

function replay({ reply }: Exchange, { body, location }: KeptAnswer): object {
  reply.header('idempotency-replayed', 'true');
  if (location !== undefined) reply.header('location', location);
  return body;
}
