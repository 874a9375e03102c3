import { refusalOf } from '../../../../test/helpers/csv-refusal';
import { parseMapping } from './column-mapping';
import { mapColumns } from './columns';
import { CsvRefused } from './csv-error';
import { proposeMapping } from './proposed-mapping';

const HEADER = ['Full Name', 'E-mail', 'Plan', 'Internal'];

const mapped = (header: string[], mapping: object) =>
  mapColumns(header, parseMapping(JSON.stringify(mapping)));

describe('a mapping', () => {
  it('says what columns fill, whatever the case and spaces of their headers; the others go by their names', () => {
    const mapping = { fullname: 'name', ' E-MAIL': 'email', internal: null, plan: 'attributes.Plan level' };

    expect(mapped([...HEADER, 'phone', 'Team'], mapping)).toEqual([
      { field: 'name' },
      { field: 'email' },
      { attribute: 'Plan level' },
      { ignored: true },
      { field: 'phone' },
      { attribute: 'Team' },
    ]);
  });

  it('ignores what has no name, a name that none may have, or a name twice', () => {
    const header = ['name', 'email', '', '$set', 'Tag', 'tag', 'x'.repeat(100), ''];
    const mapping = { '': 'ignore', $set: null, tag: null, ['x'.repeat(100)]: null };

    expect(mapped(header, mapping).slice(2)).toEqual(Array.from({ length: 6 }, () => ({ ignored: true })));
  });

  it('makes room for files with many columns', () => {
    const many = Array.from({ length: 200 }, (_, index) => `c${index}`);
    const mapping = Object.fromEntries(many.slice(50).map((name) => [name, null]));

    expect(mapped(['name', 'email', ...many], mapping)).toHaveLength(202);
    expect(refusalOf(() => mapped(['name', 'email', ...many], {}))).toMatchObject({
      reason: 'too_many_columns',
    });
  });

  it.each<[string, string, Partial<CsvRefused>]>([
    ['no JSON', '{name', { reason: 'invalid_mapping' }],
    ['a list', '["name"]', { reason: 'invalid_mapping' }],
    ['null', 'null', { reason: 'invalid_mapping' }],
    ['a text', '"name"', { reason: 'invalid_mapping' }],
    ['an unknown field', '{"E-mail":"mail"}', { reason: 'invalid_mapping' }],
    ['a number for a field', '{"E-mail":1}', { reason: 'invalid_mapping' }],
    ['a field in other letters', '{"E-mail":"EMAIL"}', { reason: 'invalid_mapping' }],
    ['an attribute without a key', '{"Plan":"attributes."}', { reason: 'invalid_mapping' }],
    ['a reserved attribute', '{"Plan":"attributes.__proto__"}', { reason: 'invalid_mapping' }],
    ['an attribute with a dot', '{"Plan":"attributes.a.b"}', { reason: 'invalid_mapping' }],
    ['a column twice', '{"Plan":"name","plan ":"email"}', { reason: 'invalid_mapping' }],
    ['an unknown column', '{"Mail":"email"}', { reason: 'unknown_column' }],
    ['an unknown column of an odd name', '{"__proto__":"email"}', { reason: 'unknown_column' }],
    ['two columns for one field', '{"Full Name":"name","Plan":"name"}', { reason: 'duplicate_column' }],
    ['two columns for one attribute', '{"E-mail":"attributes.plan"}', { reason: 'duplicate_column' }],
  ])('is refused for %s', (_, json, expected) => {
    const refusal = refusalOf(() => mapColumns(HEADER, parseMapping(json)));

    expect(refusal).toMatchObject({ ...expected, field: 'mapping' });
  });

  it('is refused for a field that another column has by its name', () => {
    const { reason, message, field } = refusalOf(() => mapped(['name', 'email', 'Label'], { label: 'name' }));

    expect({ reason, message, field }).toEqual({
      reason: 'duplicate_column',
      message: 'The columns "name" and "Label" are both mapped to "name".',
      field: 'mapping',
    });
  });

  it('is refused for taking away a column that must be there', () => {
    expect(refusalOf(() => mapped(['name', 'email'], { email: null }))).toMatchObject({
      reason: 'missing_column',
      field: 'email',
    });
  });
});

describe('a proposed mapping', () => {
  const proposed = (header: string[], given?: string) =>
    Object.fromEntries(proposeMapping(header, parseMapping(given)));

  it('knows usual names, the exact ones first', () => {
    expect(
      proposed(['Mail', 'Full Name', 'Email', 'Tel.', 'Street-Address', 'Total spent', 'Last seen']),
    ).toEqual({
      fullname: { field: 'name' },
      email: { field: 'email' },
      'tel.': { field: 'phone' },
      'street-address': { field: 'address' },
      totalspent: { field: 'totalSpend' },
      lastseen: { field: 'lastVisit' },
    });
  });

  it('leaves what was given as it is', () => {
    expect(proposed(['Mail', 'Mobile', 'name'], '{"Mobile":"email","Mail":"attributes.Mail"}')).toEqual({
      mobile: { field: 'email' },
      mail: { attribute: 'Mail' },
      name: { field: 'name' },
    });
  });
});
