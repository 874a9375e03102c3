import fc from 'fast-check';
import { holdsForAll, PROPERTY_TIMEOUT_MS } from '../../../../test/helpers/property';
import { parseMapping } from './column-mapping';
import { mapColumns } from './columns';
import { isErrorsCsv, ownCells, ownHeader, withoutMark } from './errors-csv';
import { readRows } from './row-reader';

const HEADER = ['line', 'reason', 'name', 'email', 'Note'];
const layoutOf = (header: string[], mapping?: string) => ({
  header,
  columns: mapColumns(header, parseMapping(mapping)),
  delimiter: ',' as const,
});

describe('an errors.csv that comes back', () => {
  it('is known by its first two columns, in their order', () => {
    expect(isErrorsCsv(['line', 'reason'])).toBe(true);
    expect(isErrorsCsv(['reason', 'line', 'name'])).toBe(false);
    expect(isErrorsCsv(['name', 'line', 'reason'])).toBe(false);
    expect(isErrorsCsv([])).toBe(false);
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
    'has every cell as it was before it was made safe',
    async () => {
      const cell = fc.string({ unit: fc.constantFrom("'", '=', '+', '-', '@', '\t', '\r', 'a', ' ') });

      await holdsForAll(
        cell,
        (text) => {
          // As the report writes it.
          const safe = /^'*[=+\-@\t\r]/.test(text) ? `'${text}` : text;
          expect(safe).not.toMatch(/^[=+\-@\t\r]/);
          expect(withoutMark(safe)).toBe(text);
          return Promise.resolve();
        },
        { runs: 2000, limitMs: 5_000 },
      );
    },
    PROPERTY_TIMEOUT_MS,
  );
});
