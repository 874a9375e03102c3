import fc from 'fast-check';
import { merge, toFieldChanges, type NamedChanges } from './customer.merge';
import type { CustomerRecord } from './customer.schema';

const created: CustomerRecord = {
  _id: 'c1',
  tenantId: 't1',
  name: 'Ana',
  email: 'ana@example.com',
  phone: '555-0100',
  attributes: { k: 'old', l: 1 },
  stats: { spendCents: 0, visits: 0, lastVisit: null },
  order: 100,
  revision: 1,
  createdAt: new Date(0),
  updatedAt: new Date(0),
  deletedAt: null,
};

interface Write {
  changes: NamedChanges;
  order: number;
}

const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const text = fc.constantFrom('x', 'y', 'z');
const changes: fc.Arbitrary<NamedChanges> = fc.record(
  {
    name: text,
    email: text,
    phone: orNull(text),
    address: orNull(text),
    tags: orNull(fc.subarray(['a', 'b'])),
    totalSpend: fc.nat(3),
    visits: fc.nat(3),
    lastVisit: fc.constantFrom(new Date(1), new Date(2)),
    attributes: orNull(
      fc.dictionary(fc.constantFrom('k', 'l', 'm'), orNull(text), { noNullPrototype: true }),
    ),
  },
  { requiredKeys: [], noNullPrototype: true },
);

/** Writes in the order of acceptance, and the same ones as they are executed: shuffled, and some twice. */
const executions = fc.array(changes, { minLength: 1, maxLength: 6 }).chain((all) => {
  const writes = all.map((change, index): Write => ({ changes: change, order: 101 + index }));
  return fc.record({
    writes: fc.constant(writes),
    executed: fc
      .tuple(fc.subarray(writes), fc.array(fc.nat(1_000), { minLength: 12, maxLength: 12 }))
      .map(([repeated, places]) =>
        [...writes, ...repeated]
          .map((write, index) => ({ write, place: places[index] ?? 0 }))
          .sort((a, b) => a.place - b.place)
          .map(({ write }) => write),
      ),
  });
});

const execute = (writes: Write[]): CustomerRecord =>
  writes.reduce((record, write) => merge(record, toFieldChanges(write.changes), write.order).record, created);

/** What a reader sees. Changes of email of one customer run in their order, so what it had before is not looked at. */
const seen = ({ fieldOrders: _, formerEmails: __, ...record }: CustomerRecord) => record;

describe('merge', () => {
  it('gives what the order of acceptance gives, for any order of execution with any repeats', () => {
    fc.assert(
      fc.property(executions, ({ writes, executed }) => {
        expect(seen(execute(executed))).toEqual(seen(execute(writes)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('says that nothing changed, and there is nothing to store, when a write is executed again', () => {
    fc.assert(
      fc.property(executions, ({ writes }) => {
        const record = execute(writes);

        for (const { changes: again, order } of writes) {
          const repeat = merge(record, toFieldChanges(again), order);

          expect(repeat.changed).toBe(false);
          expect(repeat.applied).toBe(false);
          expect(seen(repeat.record)).toEqual(seen(record));
        }
      }),
      { numRuns: 500 },
    );
  });
});
