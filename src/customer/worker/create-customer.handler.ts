import { Injectable } from '@nestjs/common';
import { AcceptanceOrder } from '../../queue/acceptance-order';
import { CustomerRepository } from '../customer.repository';
import type { CustomerRecord } from '../customer.schema';
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

  async handle(payload: CreateCustomer, { jobId, dueAtMs }: JobContext): Promise<Result<'CREATE_CUSTOMER'>> {
    const order = await this.order.of(jobId, { acceptedAtMs: payload.acceptedAt, dueAtMs });
    await this.customers.create(toRecord(payload, order));
    await this.announcer.succeeded('customer.created', jobId, payload, payload.email);
    return { customerId: payload.customerId };
  }
}

function toRecord(payload: CreateCustomer, order: number): CustomerRecord {
  const { customerId, tenantId, name, email, phone, address, tags, attributes = {}, acceptedAt } = payload;
  const createdAt = new Date(acceptedAt);
  return {
    _id: customerId,
    tenantId,
    name,
    email,
    ...(phone !== undefined && { phone }),
    ...(address !== undefined && { address }),
    ...(tags && tags.length > 0 && { tags }),
    attributes,
    stats: { spendCents: 0, visits: 0, lastVisit: null },
    order,
    revision: 1,
    createdAt,
    updatedAt: createdAt,
    deletedAt: null,
  };
}
