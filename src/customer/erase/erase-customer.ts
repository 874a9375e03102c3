import { Injectable } from '@nestjs/common';
import type { CustomerRef, Result } from '../jobs/customer.jobs';
import { CustomerAnnouncer } from '../worker/customer-announcer';
import type { JobContext } from '../worker/handler';
import { JobTurns } from '../worker/job-turns';
import { ErasedCustomers } from './erased-customers';
import { Erasure } from './erasure';
import { ErasurePlaces } from './erasure-places';

/**
 * Erases a customer: a tombstone first, then its traces, then what was needed to find them. It may die anywhere: who does
 * it again finds the tombstone, and goes on. Asked for again, it looks for traces once more.
 */
@Injectable()
export class EraseCustomer {
  constructor(
    private readonly customers: ErasedCustomers,
    private readonly erasure: Erasure,
    private readonly places: ErasurePlaces,
    private readonly turns: JobTurns,
    private readonly announcer: CustomerAnnouncer,
  ) {}

  /** @throws WriteAhead, CustomerRefused CUSTOMER_NOT_FOUND */
  async run(ref: CustomerRef, { jobId, order, freeing }: JobContext): Promise<Result<'DELETE_CUSTOMER'>> {
    const { tenantId, customerId } = ref;
    const emails = await this.customers.bury(ref, order, freeing, () =>
      this.turns.uncreated(tenantId, customerId),
    );
    await this.places.use(jobId, () =>
      this.erasure.removeTraces({ tenantId, customerId, emails, order, jobId }),
    );
    await this.customers.forget(ref);
    await this.announcer.erased(jobId, ref);
    return { customerId, erased: true };
  }
}
