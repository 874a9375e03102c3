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

  async handle(payload: CreateCustomer, { jobId, delayMs }: JobContext): Promise<Result<'CREATE_CUSTOMER'>> {
    const order = await this.order.of(jobId, { acceptedAtMs: payload.acceptedAt, delayMs });
    await this.customers.create(newCustomer({ ...payload, order }, payload));
    await this.announcer.succeeded('customer.created', jobId, payload, payload.email);
    return { customerId: payload.customerId };
  }
}
