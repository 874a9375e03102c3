import fc from 'fast-check';
import { holdsForAll, PROPERTY_TIMEOUT_MS } from '../../../../test/helpers/property';
import { toCell } from '../report/spreadsheet-cell';
import { parseMapping } from './column-mapping';
import { mapColumns } from './columns';
import { DELIMITERS } from './delimiter';
import { attributeColumn, EXPORT_COLUMNS, isOwnFile, ownCells, ownHeader } from './own-files';
import { readRows } from './row-reader';

const HEADER = ['line', 'reason', 'name', 'email', 'Note'];
const layoutOf = (header: string[], mapping?: string) => ({
  header,
  columns: mapColumns(header, parseMapping(mapping)),
  delimiter: ',' as const,
});

describe('an errors.csv that comes back', () => {
  it('is known by its first two columns, in their order', () => {
    expect(isOwnFile(['line', 'reason'])).toBe(true);
    expect(isOwnFile(['reason', 'line', 'name'])).toBe(false);
    expect(isOwnFile(['name', 'line', 'reason'])).toBe(false);
    expect(isOwnFile([])).toBe(false);
  });

  it('loses its reports, and the marks of its cells', () => {
    const csv = "7,email is wrong,'=Ana,'+1@example.com,''-x\n,,Bo,bo@example.com,'quoted'\n";

    const rows = [...readRows(Buffer.from(csv), layoutOf(HEADER), 2, 0)];

    expect(rows).toMatchObject([
      { line: 2, ok: true, customer: { name: '=Ana', email: '+1@example.com', attributes: { Note: "'-x" } } },
      { line: 3, ok: true, customer: { name: 'Bo', attributes: { Note: "'quoted'" } } },
    ]);
  });

  it('is empty in a row of nothing but a report', () => {
    const [row] = readRows(Buffer.from('7,email is wrong,,,\n'), layoutOf(HEADER), 2, 0);

    expect(row).toMatchObject({ ok: false, problem: { code: 'empty_row' } });
  });

  it('keeps what someone maps', () => {
    const layout = layoutOf(HEADER, '{"reason":"attributes.why"}');

    const [row] = readRows(Buffer.from("7,'=x,Ana,ana@example.com,y\n"), layout, 2, 0);

    expect(row).toMatchObject({ customer: { attributes: { why: '=x', Note: 'y' } } });
    expect(ownHeader(layout)).toEqual(HEADER);
  });

  it('is reported with its own columns again, and as it is written where quotes are wrong', () => {
    const layout = layoutOf(HEADER);

    expect(ownHeader(layout)).toEqual(['name', 'email', 'Note']);
    expect(ownCells('7,x,\'=Ana,"a"b,"say ""hi"", Bo"', layout)).toEqual(['=Ana', '"a"b', 'say "hi", Bo']);
    expect(ownCells('7', layout)).toEqual([]);
  });

  it('is a file like any other when its columns are others', () => {
    const layout = layoutOf(['name', 'email', 'line', 'reason']);

    const [row] = readRows(Buffer.from("Ana,ana@example.com,'=7,x\n"), layout, 2, 0);

    expect(row).toMatchObject({ customer: { attributes: { line: "'=7", reason: 'x' } } });
  });

  it(
    'has every cell as it was before the report made it safe',
    async () => {
      const cells = fc.record({
        text: fc.string({ unit: fc.constantFrom(...`'=+-@\t\r\n",;| a`), maxLength: 8 }),
        delimiter: fc.constantFrom(...DELIMITERS),
      });

      await holdsForAll(
        cells,
        ({ text, delimiter }) => {
          const cell = toCell(text, delimiter);

          expect(cell).not.toMatch(/^"?[=+\-@\t\r]/);
          const read = ownCells(['7', 'x', cell, 'b'].join(delimiter), { ...layoutOf(HEADER), delimiter });
          expect(read).toEqual([text, 'b']);
          return Promise.resolve();
        },
        { runs: 3000, limitMs: 5_000 },
      );
    },
    PROPERTY_TIMEOUT_MS,
  );
});

describe('an export that comes back', () => {
  const header = [...EXPORT_COLUMNS, '=plan'];

  it('is known by all the columns that each begins with, in their order', () => {
    expect(isOwnFile(header)).toBe(true);
    expect(isOwnFile(EXPORT_COLUMNS.slice(0, -1))).toBe(false);
    expect(isOwnFile(EXPORT_COLUMNS.slice(1))).toBe(false);
    expect(isOwnFile(EXPORT_COLUMNS.toReversed())).toBe(false);
  });

  it('loses what the service gave its customers, and the marks of its cells', () => {
    const csv = "0198,2026-01-01,2026-01-01,'=Ana,ana@example.com,'+1 555 0100,,'-1;b,1.00,1,,''=x\n";

    const [row] = readRows(Buffer.from(csv), layoutOf(header), 2, 0);

    expect(row).toMatchObject({
      customer: { name: '=Ana', phone: '+1 555 0100', tags: ['-1', 'b'], attributes: { '=plan': "'=x" } },
    });
    expect(ownHeader(layoutOf(header))).toEqual([...EXPORT_COLUMNS.slice(3), '=plan']);
  });

  it.each(['phone', 'Last Visit', 'total_spend', 'customerId'])(
    'has an attribute called as a column of its own in one that is taken for nothing else: %s',
    (key) => {
      const columns = mapColumns([...EXPORT_COLUMNS, attributeColumn(key)]);

      expect(columns.at(-1)).toEqual({ attribute: key });
    },
  );
});
