import { randomUUID } from 'node:crypto';
import type { CreateCustomerDto } from '../../src/customer/api/create-customer.dto';

/** A body of `POST /api/customer` that is right, with an email nobody else has. */
export const buildCustomer = (overrides: Partial<CreateCustomerDto> = {}): CreateCustomerDto => ({
  name: 'Ana Souza',
  email: `ana-${randomUUID()}@example.com`,
  ...overrides,
});
