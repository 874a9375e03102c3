/** A value of an attribute as a body has it; null removes the key. */
export type Attributes = Record<string, string | number | null>;

/** Fields of a change; null removes one. */
export interface Changes {
  name?: string;
  email?: string;
  phone?: string | null;
  address?: string | null;
  tags?: string[] | null;
  attributes?: Attributes | null;
}

export interface NewCustomer {
  name: string;
  email: string;
  phone?: string;
  address?: string;
  tags?: string[];
  attributes?: Record<string, string | number>;
}

/** A repeat of an event id is a repeat of the whole visit. */
export interface VisitBody {
  spent: string;
  visits: number;
  at: string;
  eventId?: string;
}

/**
 * One request that a client makes. Customers are named by how many creates ago theirs was requested: 0 is that of the
 * newest create, going round where there were not as many; before the first create it is nobody.
 */
export type Write =
  | { do: 'create'; customer: NewCustomer }
  | { do: 'update'; ago: number; changes: Changes }
  | { do: 'delete'; ago: number }
  | { do: 'visit'; ago: number; visit: VisitBody };

/** Which create the write is about, as an index; undefined for nobody. */
export const targetOf = (ago: number, creates: number): number | undefined =>
  creates === 0 ? undefined : creates - 1 - (ago % creates);
