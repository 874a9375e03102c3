import { Injectable } from '@nestjs/common';
import { CustomerRepository } from '../customer.repository';
import type { CustomerRef, Result } from '../jobs/customer.jobs';
import { CustomerAnnouncer } from './customer-announcer';
import type { Handler, JobContext } from './handler';

@Injectable()
export class DeleteCustomerHandler implements Handler<'DELETE_CUSTOMER'> {
  constructor(
    private readonly customers: CustomerRepository,
    private readonly announcer: CustomerAnnouncer,
  ) {}

  async handle(
    payload: CustomerRef,
    { jobId, order, freeing }: JobContext,
  ): Promise<Result<'DELETE_CUSTOMER'>> {
    const { email } = await this.customers.softDelete(payload.tenantId, payload.customerId, order, freeing);
    await this.announcer.succeeded('customer.deleted', jobId, payload, email);
    return { customerId: payload.customerId };
  }
}
