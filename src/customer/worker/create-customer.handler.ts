import { Injectable } from '@nestjs/common';
import { AcceptanceOrder } from '../../queue/acceptance-order';
import { CustomerRepository } from '../customer.repository';
import { newCustomer } from '../new-customer';
import type { CreateCustomer, Result } from '../jobs/customer.jobs';
import { CustomerAnnouncer } from './customer-announcer';
import type { Handler, JobContext } from './handler';

@Injectable()
export class CreateCustomerHandler implements Handler<'CREATE_CUSTOMER'> {
  constructor(
    private readonly customers: CustomerRepository,
    private readonly order: AcceptanceOrder,
    private readonly announcer: CustomerAnnouncer,
  ) {}

  async handle(payload: CreateCustomer, { jobId }: JobContext): Promise<Result<'CREATE_CUSTOMER'>> {
    // Also when it was planned for later: what was written to the customer meanwhile was meant for it.
    const order = await this.order.of(jobId, { acceptedAtMs: payload.acceptedAt, delayMs: 0 });
    await this.customers.create(newCustomer({ ...payload, order }, payload));
    await this.announcer.succeeded('customer.created', jobId, payload, payload.email);
    return { customerId: payload.customerId };
  }
}
