import fc from 'fast-check';
import type { VisitBody, Write } from './write';

/** One write, and how its job is delivered. */
export interface Step {
  write: Write;
  /** Jobs are delivered by their places, smallest first; all at 0 is the order of acceptance. */
  place: number;
  /** Whether the job is delivered a second time: beside the first delivery, or after all others ended. */
  twin: 'none' | 'beside' | 'late';
}

/** So few that customers meet. */
const email = fc.constantFrom('a@example.com', 'b@example.com');
const name = fc.constantFrom('Ana', 'Bea', 'Cleo');
const phone = fc.constantFrom('555-0101', '555-0102');
const address = fc.constantFrom('1 Elm St', '2 Oak St');
const tags = fc.subarray(['new', 'old', 'vip']);
const value = fc.constantFrom<string | number>('x', 'y', 7);
const key = fc.constantFrom('k', 'l', 'm');
const attributes = fc.dictionary(key, value, { maxKeys: 3, noNullPrototype: true });
/** Printed as a literal when a property fails. */
const plain = <T extends object>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record<T>(fields, { noNullPrototype: true });
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null, freq: 3 });
const at = fc.constantFrom(
  '2026-01-31T12:00:00.000Z',
  '2026-02-28T12:00:00.000Z',
  '2025-12-31T12:00:00.000Z',
);
const ago = fc.nat(3);

const create: fc.Arbitrary<Write> = fc
  .record(
    { name, email, phone, address, tags, attributes },
    { requiredKeys: ['name', 'email'], noNullPrototype: true },
  )
  .map((customer) => ({ do: 'create', customer }));

const changes = fc
  .record(
    {
      name,
      email,
      phone: orNull(phone),
      address: orNull(address),
      tags: orNull(tags),
      attributes: orNull(
        fc.dictionary(key, orNull(value), { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
      ),
    },
    { requiredKeys: [], noNullPrototype: true },
  )
  .filter((fields) => Object.keys(fields).length > 0);

/** Without an id each is one of its own; with one, all that has it is the same event. */
const visit: fc.Arbitrary<VisitBody> = fc.oneof(
  plain({ spent: fc.constantFrom('0.10', '0.20', '19.99'), visits: fc.nat(2), at }),
  fc.constantFrom<VisitBody>(
    { spent: '5.00', visits: 1, at: '2026-01-01T00:00:00.000Z', eventId: 'event-1' },
    { spent: '7.01', visits: 2, at: '2026-03-01T00:00:00.000Z', eventId: 'event-2' },
  ),
);

const write: fc.Arbitrary<Write> = fc.oneof(
  { weight: 3, arbitrary: create },
  { weight: 4, arbitrary: plain({ do: fc.constant('update' as const), ago, changes }) },
  { weight: 2, arbitrary: plain({ do: fc.constant('delete' as const), ago }) },
  { weight: 3, arbitrary: plain({ do: fc.constant('visit' as const), ago, visit }) },
);

const step: fc.Arbitrary<Step> = plain({
  write,
  place: fc.nat(50),
  twin: fc.oneof(
    { weight: 3, arbitrary: fc.constant('none' as const) },
    { weight: 1, arbitrary: fc.constant('beside' as const) },
    { weight: 1, arbitrary: fc.constant('late' as const) },
  ),
});

/** What clients of one tenant ask for in turn, and how it is delivered. */
export const histories = fc.array(step, { minLength: 2, maxLength: 14, size: 'max' });
