import { merge, toFieldChanges, type FieldChanges } from './customer.merge';
import type { CustomerRecord } from './customer.schema';

const created = (overrides: Partial<CustomerRecord> = {}): CustomerRecord => ({
  _id: 'c1',
  tenantId: 't1',
  name: 'Ana',
  email: 'ana@example.com',
  attributes: { plan: 'free' },
  stats: { spendCents: 0, visits: 0, lastVisit: null },
  order: 100,
  revision: 1,
  createdAt: new Date(0),
  updatedAt: new Date(0),
  deletedAt: null,
  ...overrides,
});

/** What a reader sees after these writes, executed in this order. */
const after = (writes: [FieldChanges, number][]) => {
  const { name, phone, tags, attributes, stats } = writes.reduce(
    (record, [changes, order]) => merge(record, changes, order).record,
    created(),
  );
  return { name, phone, tags, attributes, stats };
};

/** Every order in which a list can be executed. */
const permutations = <T>(items: T[]): T[][] =>
  items.length < 2
    ? [items]
    : items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));

describe('merge', () => {
  const writes: [FieldChanges, number][] = [
    [{ name: 'Anna', phone: '123', 'attributes:plan': 'gold' }, 101],
    [{ phone: null, 'attributes:seats': 3 }, 102],
    [{ attributes: null }, 103],
    [{ 'attributes:plan': 'pro', tags: ['a'] }, 104],
  ];
  const expected = {
    name: 'Anna',
    phone: undefined,
    tags: ['a'],
    attributes: { plan: 'pro' },
    stats: { spendCents: 0, visits: 0, lastVisit: null },
  };

  it('ends the same in whatever order writes are executed, each also twice', () => {
    for (const executed of permutations(writes)) {
      expect(after(executed)).toEqual(expected);
      expect(after([...executed, ...executed])).toEqual(expected);
    }
  });

  it('keeps a field that was written later', () => {
    expect(
      after([
        [{ name: 'new' }, 200],
        [{ name: 'old' }, 150],
      ]).name,
    ).toBe('new');
  });

  it('lets nothing that is older than the customer replace what it was created with', () => {
    expect(after([[{ name: 'older' }, 99]]).name).toBe('Ana');
  });

  it('lets an older write give a field that was never given', () => {
    expect(after([[{ phone: '123', totalSpend: 500 }, 99]])).toMatchObject({
      phone: '123',
      stats: { spendCents: 500 },
    });
  });

  it('says whether a reader sees a difference', () => {
    expect(merge(created(), { name: 'Ana' }, 101).changed).toBe(false);
    expect(merge(created(), { name: 'Eva' }, 101).changed).toBe(true);
    expect(merge(created(), { phone: null }, 101).changed).toBe(false);
  });

  it('leaves the record it was given as it was', () => {
    const record = created();

    merge(record, { name: 'Eva', attributes: null }, 101);

    expect(record).toEqual(created());
  });
});

describe('toFieldChanges', () => {
  it('names each attribute as a field of its own, and leaves out what is not given', () => {
    expect(
      toFieldChanges({ name: 'Ana', phone: undefined, attributes: { plan: 'gold', old: null } }),
    ).toEqual({
      name: 'Ana',
      'attributes:plan': 'gold',
      'attributes:old': null,
    });
  });
});
