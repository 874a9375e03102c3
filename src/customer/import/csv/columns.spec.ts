import { refusalOf } from '../../../../test/helpers/csv-refusal';
import { CUSTOMER_LIMITS } from '../../customer.limits';
import { mapColumns } from './columns';
import { CsvRefused } from './csv-error';

const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `Column ${i}`);

describe('mapColumns', () => {
  it('knows the contract’s columns whatever their case and spaces', () => {
    const header = [' NAME', 'E mail', 'Phone ', 'address', 'Tags', 'total_spend', 'VISITS', 'Last Visit'];

    expect(mapColumns(header)).toEqual(
      ['name', 'email', 'phone', 'address', 'tags', 'totalSpend', 'visits', 'lastVisit'].map((field) => ({
        field,
      })),
    );
  });

  it.each(['totalSpend', 'total_spend', 'Total Spend', 'TOTALSPEND'])('takes %s as totalSpend', (text) => {
    expect(mapColumns(['name', 'email', text])[2]).toEqual({ field: 'totalSpend' });
  });

  it('keeps any other column as an attribute under its own text', () => {
    expect(mapColumns(['email', ' Account Owner ', 'name', 'tenantId', '_id', 'roles'])).toEqual([
      { field: 'email' },
      { attribute: 'Account Owner' },
      { field: 'name' },
      { attribute: 'tenantId' },
      { attribute: '_id' },
      { attribute: 'roles' },
    ]);
  });

  it('keeps a column as an attribute that says so, whatever its key is otherwise', () => {
    expect(mapColumns(['name', 'email', 'attributes.phone', 'attributes. Plan']).slice(2)).toEqual([
      { attribute: 'phone' },
      { attribute: 'Plan' },
    ]);
  });

  it.each<[string, string[], Partial<CsvRefused>]>([
    ['no email', ['name', 'phone'], { reason: 'missing_column', column: 'email' }],
    ['no name', ['email'], { reason: 'missing_column', column: 'name' }],
    [
      'a field twice',
      ['name', 'email', 'totalSpend', 'Total_Spend'],
      { reason: 'duplicate_column', column: 'Total_Spend' },
    ],
    [
      'an attribute twice',
      ['name', 'email', 'Plan', ' plan'],
      { reason: 'duplicate_column', column: 'plan' },
    ],
    ['a column without a name', ['name', ' ', 'email'], { reason: 'empty_column_name' }],
    ['__proto__', ['name', 'email', '__proto__'], { reason: 'bad_column_name', column: '__proto__' }],
    ['constructor', ['name', 'email', 'constructor'], { reason: 'bad_column_name', column: 'constructor' }],
    ['prototype', ['name', 'email', 'prototype'], { reason: 'bad_column_name', column: 'prototype' }],
    ['an operator', ['name', 'email', '$where'], { reason: 'bad_column_name', column: '$where' }],
    ['a path', ['name', 'email', 'a.b'], { reason: 'bad_column_name', column: 'a.b' }],
    [
      'a reserved name behind a prefix',
      ['name', 'email', 'attributes.__proto__'],
      { reason: 'bad_column_name' },
    ],
    ['a control character', ['name', 'email', 'a\u0007'], { reason: 'bad_column_name' }],
    [
      'a long name',
      ['name', 'email', 'x'.repeat(CUSTOMER_LIMITS.attributeKey + 1)],
      { reason: 'bad_column_name' },
    ],
    [
      'one attribute too many',
      ['name', 'email', ...numbered(CUSTOMER_LIMITS.attributes + 1)],
      { reason: 'too_many_columns' },
    ],
  ])('refuses a header with %s', (_, header, expected) => {
    expect(refusalOf(() => mapColumns(header))).toMatchObject(expected);
  });

  it('takes as many attributes as a customer may have', () => {
    expect(mapColumns(['name', 'email', ...numbered(CUSTOMER_LIMITS.attributes)])).toHaveLength(
      CUSTOMER_LIMITS.attributes + 2,
    );
  });

  it('answers 10,000 columns with one short sentence', () => {
    const { reason, message } = refusalOf(() => mapColumns(['name', 'email', ...numbered(9_998)]));

    expect(reason).toBe('too_many_columns');
    expect(message).toBe('The file has 10000 columns; at most 58 can be imported.');
  });

  it('repeats only the beginning of a long column name', () => {
    expect(refusalOf(() => mapColumns(['name', 'email', 'x'.repeat(100_000)])).message.length).toBeLessThan(
      200,
    );
  });
});
