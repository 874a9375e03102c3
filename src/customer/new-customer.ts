import type { AttributeValue, CustomerRecord } from './customer.schema';

/** Who the customer is, and its place in the order of acceptance. */
export interface CustomerIdentity {
  customerId: string;
  tenantId: string;
  order: number;
  /** ms since 1970 */
  acceptedAt: number;
}

/** What a body or a row says of a new customer. */
export interface CustomerFields {
  name: string;
  email: string;
  phone?: string;
  address?: string;
  tags?: string[];
  attributes?: Record<string, AttributeValue>;
  totalSpendCents?: number;
  visits?: number;
  /** ISO 8601 */
  lastVisit?: string;
}

/** The record of a customer that is created, by a request or by a row. What is not given is not stored. */
export function newCustomer(
  { customerId, tenantId, order, acceptedAt }: CustomerIdentity,
  { name, email, phone, address, tags = [], attributes = {}, ...totals }: CustomerFields,
): CustomerRecord {
  const { totalSpendCents = 0, visits = 0, lastVisit } = totals;
  const createdAt = new Date(acceptedAt);
  return {
    _id: customerId,
    tenantId,
    name,
    email,
    ...(phone !== undefined && { phone }),
    ...(address !== undefined && { address }),
    ...(tags.length > 0 && { tags }),
    attributes,
    stats: {
      spendCents: totalSpendCents,
      visits,
      lastVisit: lastVisit === undefined ? null : new Date(lastVisit),
    },
    order,
    revision: 1,
    createdAt,
    updatedAt: createdAt,
    deletedAt: null,
  };
}
