import { Injectable } from '@nestjs/common';
import { toFieldChanges } from '../customer.merge';
import { CustomerRepository } from '../customer.repository';
import type { Result, UpdateCustomer } from '../jobs/customer.jobs';
import { CustomerAnnouncer } from './customer-announcer';
import type { Handler, JobContext } from './handler';

@Injectable()
export class UpdateCustomerHandler implements Handler<'UPDATE_CUSTOMER'> {
  constructor(
    private readonly customers: CustomerRepository,
    private readonly announcer: CustomerAnnouncer,
  ) {}

  async handle(
    payload: UpdateCustomer,
    { jobId, order, freeing }: JobContext,
  ): Promise<Result<'UPDATE_CUSTOMER'>> {
    const { tenantId, customerId, changes } = payload;
    const { email } = await this.customers.update(
      tenantId,
      customerId,
      toFieldChanges(changes),
      order,
      freeing,
    );
    await this.announcer.succeeded('customer.updated', jobId, payload, email);
    return { customerId };
  }
}
