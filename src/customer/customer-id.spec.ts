import { isId, newId, rowCustomerId } from './customer-id';

describe('ids', () => {
  it('are UUIDs of version 7, each another one', () => {
    const ids = Array.from({ length: 1000 }, newId);

    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(ids).size).toBe(1000);
  });

  it('sort as they were made', () => {
    const ids = Array.from({ length: 1000 }, newId);

    expect(ids.toSorted()).toEqual(ids);
  });

  it.each([
    '',
    '1',
    'undefined',
    '0'.repeat(36),
    '01890000-0000-7000-8000-00000000000',
    '01890000-0000-7000-8000-0000000000000',
    '$ne',
  ])('are not %j', (text) => {
    expect(isId(text)).toBe(false);
  });

  it('are taken in capitals', () => {
    expect(isId(newId().toUpperCase())).toBe(true);
  });
});

describe('the id of an imported row', () => {
  const ROWS = [0, 1, 999, 1000, 0xffff_ffff];

  it('is an id', () => {
    const importId = newId();

    expect(ROWS.map((row) => isId(rowCustomerId(importId, row)))).toEqual(ROWS.map(() => true));
  });

  it('is the same each time', () => {
    const importId = newId();

    expect(rowCustomerId(importId, 7)).toBe(rowCustomerId(importId, 7));
  });

  it('is another one for each row, and for each import', () => {
    const imports = Array.from({ length: 100 }, newId);

    const ids = imports.flatMap((importId) => ROWS.map((row) => rowCustomerId(importId, row)));

    expect(new Set(ids).size).toBe(ids.length);
  });

  it('sorts in the order of the file', () => {
    const importId = newId();

    const ids = ROWS.map((row) => rowCustomerId(importId, row));

    expect(ids.toSorted()).toEqual(ids);
  });
});
