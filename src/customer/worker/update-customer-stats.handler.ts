import { Injectable } from '@nestjs/common';
import { CustomerStatsRepository } from '../customer-stats.repository';
import type { Result, UpdateCustomerStats } from '../jobs/customer.jobs';
import { CustomerAnnouncer } from './customer-announcer';
import type { Handler, JobContext } from './handler';

@Injectable()
export class UpdateCustomerStatsHandler implements Handler<'UPDATE_CUSTOMER_STATS'> {
  constructor(
    private readonly stats: CustomerStatsRepository,
    private readonly announcer: CustomerAnnouncer,
  ) {}

  async handle(
    payload: UpdateCustomerStats,
    { jobId, order }: JobContext,
  ): Promise<Result<'UPDATE_CUSTOMER_STATS'>> {
    const { tenantId, customerId, spentCents, visits, at, eventId } = payload;
    const email = await this.stats.count(customerId, eventId ?? jobId, {
      tenantId,
      spentCents,
      visits,
      at: new Date(at),
      order,
    });
    await this.announcer.succeeded('customer.stats.updated', jobId, payload, email);
    return { customerId };
  }
}
