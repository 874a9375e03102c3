import { Injectable } from '@nestjs/common';
import { CustomerRepository } from '../customer.repository';
import { newCustomer } from '../new-customer';
import type { CreateCustomer, Result } from '../jobs/customer.jobs';
import { CustomerAnnouncer } from './customer-announcer';
import type { Handler, JobContext } from './handler';

@Injectable()
export class CreateCustomerHandler implements Handler<'CREATE_CUSTOMER'> {
  constructor(
    private readonly customers: CustomerRepository,
    private readonly announcer: CustomerAnnouncer,
  ) {}

  async handle(payload: CreateCustomer, { jobId, order }: JobContext): Promise<Result<'CREATE_CUSTOMER'>> {
    await this.customers.create(newCustomer({ ...payload, order }, payload));
    await this.announcer.succeeded('customer.created', jobId, payload, payload.email);
    return { customerId: payload.customerId };
  }
}
