import { targetOf, type Changes, type NewCustomer, type VisitBody, type Write } from './write';

export type ModelOutcome = 'completed' | 'EMAIL_TAKEN' | 'CUSTOMER_NOT_FOUND';

/** What a reader sees of a customer; `create` is the index of the create that made it. */
export interface SeenCustomer {
  create: number;
  name: string;
  email: string;
  phone: string | null;
  address: string | null;
  tags: string[];
  attributes: Record<string, string | number>;
  stats: { totalSpend: string; visits: number; lastVisit: string | null };
}

interface ModelCustomer extends Omit<SeenCustomer, 'stats'> {
  spentCents: number;
  visits: number;
  lastVisit: string | null;
  eventIds: Set<string>;
}

/**
 * The service as it would be if each write was done when it was accepted, one after the other: what the real one must
 * come to in whatever order, by however many workers and however often its jobs are delivered.
 */
export class CustomersModel {
  /** The living customers. */
  private readonly customers = new Map<number, ModelCustomer>();
  private creates = 0;

  apply(write: Write): ModelOutcome {
    if (write.do === 'create') return this.create(write.customer);
    const target = targetOf(write.ago, this.creates);
    const customer = target === undefined ? undefined : this.customers.get(target);
    if (!customer) return 'CUSTOMER_NOT_FOUND';
    if (write.do === 'update') return this.update(customer, write.changes);
    if (write.do === 'visit') count(customer, write.visit);
    else this.customers.delete(customer.create);
    return 'completed';
  }

  /** What a reader sees, in the order of creation. */
  seen(): SeenCustomer[] {
    return [...this.customers.values()].map(({ spentCents, visits, lastVisit, eventIds: _, ...fields }) => ({
      ...fields,
      stats: { totalSpend: (spentCents / 100).toFixed(2), visits, lastVisit },
    }));
  }

  private create({ name, email, phone, address, tags, attributes }: NewCustomer): ModelOutcome {
    const create = this.creates++;
    if (this.isTaken(email)) return 'EMAIL_TAKEN';
    this.customers.set(create, {
      create,
      name,
      email,
      phone: phone ?? null,
      address: address ?? null,
      tags: tags ?? [],
      attributes: attributes ?? {},
      spentCents: 0,
      visits: 0,
      lastVisit: null,
      eventIds: new Set(),
    });
    return 'completed';
  }

  private update(customer: ModelCustomer, changes: Changes): ModelOutcome {
    const { name, email, phone, address, tags, attributes } = changes;
    if (email !== undefined && email !== customer.email && this.isTaken(email)) return 'EMAIL_TAKEN';
    if (name !== undefined) customer.name = name;
    if (email !== undefined) customer.email = email;
    if (phone !== undefined) customer.phone = phone;
    if (address !== undefined) customer.address = address;
    if (tags !== undefined) customer.tags = tags ?? [];
    if (attributes === null) customer.attributes = {};
    for (const [key, value] of Object.entries(attributes ?? {})) {
      const { [key]: _, ...others } = customer.attributes;
      customer.attributes = value === null ? others : { ...others, [key]: value };
    }
    return 'completed';
  }

  private isTaken(email: string): boolean {
    return [...this.customers.values()].some((other) => other.email === email);
  }
}

function count(customer: ModelCustomer, { spent, visits, at, eventId }: VisitBody): void {
  if (eventId !== undefined && customer.eventIds.has(eventId)) return;
  if (eventId !== undefined) customer.eventIds.add(eventId);
  customer.spentCents += Math.round(Number(spent) * 100);
  customer.visits += visits;
  if (customer.lastVisit === null || at > customer.lastVisit) customer.lastVisit = at;
}
