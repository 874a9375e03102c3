import { Injectable } from '@nestjs/common';
import { CustomerRepository } from '../customer.repository';
import { EraseCustomer } from '../erase/erase-customer';
import type { DeleteCustomer, Result } from '../jobs/customer.jobs';
import { CustomerAnnouncer } from './customer-announcer';
import type { Handler, JobContext } from './handler';

@Injectable()
export class DeleteCustomerHandler implements Handler<'DELETE_CUSTOMER'> {
  constructor(
    private readonly customers: CustomerRepository,
    private readonly eraser: EraseCustomer,
    private readonly announcer: CustomerAnnouncer,
  ) {}

  async handle(payload: DeleteCustomer, context: JobContext): Promise<Result<'DELETE_CUSTOMER'>> {
    if (payload.erase === true) return this.eraser.run(payload, context);
    const { tenantId, customerId } = payload;
    const { jobId, order, freeing } = context;
    const { email } = await this.customers.softDelete(tenantId, customerId, order, freeing);
    await this.announcer.succeeded('customer.deleted', jobId, payload, email);
    return { customerId };
  }
}
