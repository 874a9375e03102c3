import type { mongo } from 'mongoose';
import type { CustomerRecord } from './customer.schema';

/** Which customers someone asks for. */
export interface CustomerFilter {
  /** Part of a name or an email, in any case. */
  search?: string;
  email?: string;
  tag?: string;
}

/** What must all be true of a customer that readers of one tenant may see. */
export function livingCustomers(
  tenantId: string,
  { search, email, tag }: CustomerFilter,
): mongo.Filter<CustomerRecord>[] {
  const conditions: mongo.Filter<CustomerRecord>[] = [{ tenantId, deletedAt: null }];
  if (email !== undefined) conditions.push({ email });
  if (tag !== undefined) conditions.push({ tags: tag });
  if (search !== undefined) {
    const part = new RegExp(RegExp.escape(search), 'i');
    conditions.push({ $or: [{ name: part }, { email: part }] });
  }
  return conditions;
}
