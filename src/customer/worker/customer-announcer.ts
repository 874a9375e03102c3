import { Injectable } from '@nestjs/common';
import { cloudEvent, type CustomerEventData, type EventContext } from '../../events/customer-events';
import { EventPublisher } from '../../events/event-publisher';
import type { CustomerJobName, CustomerRef } from '../jobs/customer.jobs';

type SuccessType = 'customer.created' | 'customer.updated' | 'customer.deleted' | 'customer.stats.updated';

/** Publishes the outcome of jobs about one customer. The job is the step: a repeat has the same event ids. */
@Injectable()
export class CustomerAnnouncer {
  constructor(private readonly events: EventPublisher) {}

  /** The request was valid against what is stored, and is done. */
  async succeeded(type: SuccessType, jobId: string, ref: CustomerRef, email: string): Promise<void> {
    const data: CustomerEventData = { jobId, userId: ref.userId, customerId: ref.customerId, email };
    const context = contextOf(jobId, ref);
    await this.events.publish(
      cloudEvent('customer.validation.success', context, data),
      cloudEvent(type, context, data),
    );
  }

  /** Everything of the customer is gone: who listens is told which one, and nothing else. */
  async erased(jobId: string, ref: CustomerRef): Promise<void> {
    const data = { jobId, userId: ref.userId, customerId: ref.customerId };
    const context = contextOf(jobId, ref);
    await this.events.publish(
      cloudEvent('customer.validation.success', context, data),
      cloudEvent('customer.deleted', context, data),
    );
  }

  /** The request is not possible with what is stored: nothing was changed. */
  async refused(operation: CustomerJobName, jobId: string, ref: CustomerRef, reason: string): Promise<void> {
    const data = failure(operation, jobId, ref, reason);
    const context = contextOf(jobId, ref);
    await this.events.publish(
      cloudEvent('customer.validation.failed', context, data),
      cloudEvent('customer.failed', context, data),
    );
  }

  /** All attempts failed: the job waits for an operator. */
  async failed(operation: CustomerJobName, jobId: string, ref: CustomerRef, reason: string): Promise<void> {
    await this.events.publish(
      cloudEvent('customer.failed', contextOf(jobId, ref), failure(operation, jobId, ref, reason)),
    );
  }
}

const contextOf = (jobId: string, ref: CustomerRef): EventContext => ({
  step: jobId,
  subject: ref.customerId,
  tenantId: ref.tenantId,
  requestId: ref.requestId,
});

const failure = (
  operation: CustomerJobName,
  jobId: string,
  ref: CustomerRef & { email?: string },
  reason: string,
) => ({
  jobId,
  userId: ref.userId,
  customerId: ref.customerId,
  ...(ref.email !== undefined && { email: ref.email }),
  operation,
  reason,
});
