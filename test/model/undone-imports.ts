import fc from 'fast-check';

/** A cell is empty, or holds one of few values, so that rows meet. */
const cell = (...values: string[]) => fc.constantFrom('', ...values);
const EMAILS = ['a', 'b', 'c', 'd', 'e'].map((name) => `${name}@example.com`);

export const COLUMNS = 'name,email,phone,address,tags,totalSpend,visits,lastVisit,k,l';

const row = fc
  .tuple(
    fc.constantFrom('Ana', 'Bea', 'Cleo'),
    fc.constantFrom(...EMAILS),
    cell('555-0101', '555-0102'),
    cell('1 Elm St', '2 Oak St'),
    cell('new', 'new;vip'),
    cell('0', '10.10', '99'),
    cell('0', '3', '4'),
    cell('2026-01-31', '2026-02-28'),
    cell('x', 'y'),
    cell('x', 'y'),
  )
  .map((cells) => cells.join(','));

export interface ExistingCustomer {
  email: string;
  fields: {
    name: string;
    phone?: string;
    address?: string;
    tags?: string[];
    attributes?: Record<string, string>;
  };
  /** Visits that are counted before the import. */
  visited: boolean;
}

const existing: fc.Arbitrary<ExistingCustomer[]> = fc
  .array(
    fc.record({
      email: fc.constantFrom(...EMAILS),
      fields: fc.record(
        {
          name: fc.constantFrom('Ana', 'Bea'),
          phone: fc.constantFrom('555-0101', '555-0109'),
          address: fc.constantFrom('1 Elm St', '9 Ash St'),
          tags: fc.subarray(['old', 'new', 'vip']),
          attributes: fc.dictionary(fc.constantFrom('k', 'm'), fc.constantFrom('x', 'z'), {
            noNullPrototype: true,
          }),
        },
        { requiredKeys: ['name'], noNullPrototype: true },
      ),
      visited: fc.boolean(),
    }),
    { maxLength: 4 },
  )
  .map((customers) => [...new Map(customers.map((customer) => [customer.email, customer])).values()]);

export interface LaterWrite {
  email: string;
  do: 'name' | 'phone' | 'clear attributes' | 'visit' | 'delete';
}

const later: fc.Arbitrary<LaterWrite> = fc.record({
  email: fc.constantFrom(...EMAILS),
  do: fc.constantFrom('name', 'phone', 'clear attributes', 'visit', 'delete'),
});

/** How the jobs of the chunks are delivered: by these places, smallest first, and some a second time beside. */
const deliveries = fc.array(fc.record({ place: fc.nat(20), twin: fc.boolean() }), {
  minLength: 3,
  maxLength: 3,
});

/** A file of up to three chunks, and what happens to it. */
export const undoneImports = fc.record({
  existing,
  chunks: fc.array(fc.array(row, { maxLength: 5 }), { minLength: 1, maxLength: 3 }),
  /** While the import is under way. */
  during: fc.array(later, { maxLength: 1 }),
  /** When it is over. */
  after: fc.array(later, { maxLength: 2 }),
  importing: deliveries,
  undoing: deliveries,
});
