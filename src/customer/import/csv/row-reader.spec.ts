import { CUSTOMER_LIMITS } from '../../customer.limits';
import { mapColumns } from './columns';
import { readRows, type CsvRow } from './row-reader';

const HEADER = ['Name', 'Email', 'Phone', 'Total Spend', 'Company'];
const COLUMNS = mapColumns(HEADER);

const rowsOf = (text: string, columns = COLUMNS, firstLine = 2, firstRow = 0): CsvRow[] => [
  ...readRows(Buffer.from(text), { header: HEADER, columns, delimiter: ',' }, firstLine, firstRow),
];

const problemOf = (text: string): unknown => {
  const [row] = rowsOf(text);
  return row && !row.ok ? row.problem : row;
};

describe('readRows', () => {
  it('reads every column into its place, trimmed', () => {
    const columns = mapColumns([
      'Company',
      'name',
      'email',
      'phone',
      'address',
      'tags',
      'total_spend',
      'visits',
      'last_visit',
    ]);
    const text = '" ACME, Inc ", Ana ""S"" ,ANA@Example.com,+1 555,"1 St\nTown",a; b;a,12.30,4,2024-05-31\n';

    expect(rowsOf(text, columns, 8, 5)).toEqual([
      {
        line: 8,
        row: 5,
        ok: true,
        customer: {
          name: 'Ana ""S""',
          email: 'ana@example.com',
          phone: '+1 555',
          address: '1 St\nTown',
          tags: ['a', 'b'],
          totalSpendCents: 1230,
          visits: 4,
          lastVisit: '2024-05-31T00:00:00.000Z',
          attributes: { Company: 'ACME, Inc' },
        },
      },
    ]);
  });

  it('leaves out what empty cells do not give', () => {
    const columns = mapColumns([
      'name',
      'email',
      'phone',
      'tags',
      'total_spend',
      'visits',
      'last_visit',
      'Plan',
    ]);

    expect(rowsOf('Ana,ana@example.com,, ; ,"", ,,', columns)).toMatchObject([
      { customer: { name: 'Ana', email: 'ana@example.com' } },
    ]);
    expect(
      Object.keys((rowsOf('Ana,a@example.com,,;,,,,', columns)[0] as { customer: object }).customer),
    ).toEqual(['name', 'email']);
  });

  it('goes on after a bad row, and tells the line and index of each', () => {
    const text = 'Ana,ana@example.com,,,\r\n\r\n"B\no",bad,,,\n"C"x,c@example.com,,,\rDan,dan@example.com,,,';

    expect(rowsOf(text, COLUMNS, 10, 100).map(({ line, row, ok }) => ({ line, row, ok }))).toEqual([
      { line: 10, row: 100, ok: true },
      { line: 12, row: 101, ok: false },
      { line: 14, row: 102, ok: false },
      { line: 15, row: 103, ok: true },
    ]);
  });

  it.each<[string, string, object]>([
    [
      'too few columns',
      'Ana,ana@example.com,,',
      { code: 'column_count', message: 'expected 5 columns, found 4' },
    ],
    [
      'too many columns',
      'Ana,a@example.com,,,,',
      { code: 'column_count', message: 'expected 5 columns, found 6' },
    ],
    ['one cell of spaces', '   ', { code: 'column_count', message: 'expected 5 columns, found 1' }],
    ['nothing in any cell', ',, ,"",', { code: 'empty_row', message: 'every column of the row is empty' }],
    ['no name', ' ,ana@example.com,,,', { field: 'name', code: 'required', message: 'name is required' }],
    ['no email', 'Ana,,,,', { field: 'email', code: 'required', message: 'email is required' }],
    ['a bad email', 'Ana,nope,,,', { field: 'email', code: 'invalid_email' }],
    ['a bad phone', 'Ana,a@example.com,x,,', { field: 'phone', code: 'invalid_phone' }],
    ['a negative amount', 'Ana,a@example.com,,-1,', { field: 'totalSpend', code: 'invalid_number' }],
    [
      'a huge field',
      `Ana,a@example.com,,,${'x'.repeat(1_000_000)}`,
      { field: 'attributes.Company', code: 'too_long' },
    ],
    [
      'a control character',
      'Ana,a@example.com,,,a\u0007',
      { field: 'attributes.Company', code: 'control_character' },
    ],
    ['text after a closing quote', 'Ana,"a@example.com" ,,,', { field: 'email', code: 'malformed_quotes' }],
    ['text after a closing quote in a column too many', 'a,b,c,d,e,"f"g', { code: 'malformed_quotes' }],
  ])('rejects a row with %s', (_, text, problem) => {
    expect(problemOf(text)).toMatchObject(problem);
  });

  it('takes quotes inside an unquoted field as they are', () => {
    expect(rowsOf('Ana "Nita" S,ana@example.com,,,5" disk')).toMatchObject([
      { customer: { name: 'Ana "Nita" S', attributes: { Company: '5" disk' } } },
    ]);
  });

  it('takes tabs and line ends within a cell', () => {
    expect(rowsOf('Ana,ana@example.com,,,"a\tb\r\nc"')).toMatchObject([
      { customer: { attributes: { Company: 'a\tb\r\nc' } } },
    ]);
  });

  it('finds the same rows as the cutter when a chunk begins with U+FEFF', () => {
    expect(rowsOf('\uFEFF"Ana\nBo",b@example.com,,,\n')).toMatchObject([
      { line: 2, problem: { code: 'column_count' } },
      { line: 3, ok: true },
    ]);
  });

  it('never repeats a value in a message', () => {
    const secret = 'S3CRET';
    const columns = mapColumns([
      'name',
      'email',
      'phone',
      'address',
      'tags',
      'total_spend',
      'visits',
      'last_visit',
      'X',
    ]);
    const good = ['Ana', 'ana@example.com', '', '', '', '', '', '', ''];
    const bad = [
      secret.repeat(200),
      secret,
      secret,
      secret.repeat(200),
      secret.repeat(20),
      secret,
      secret,
      secret,
    ];
    const lines = [...bad, secret.repeat(CUSTOMER_LIMITS.attributeValue)].map((value, i) =>
      good.with(i, value).join(),
    );

    const rows = rowsOf([...lines, `"${secret}"${secret}`].join('\n'), columns);

    expect(rows.map(({ ok }) => ok)).toEqual(rows.map(() => false));
    expect(JSON.stringify(rows)).not.toContain(secret);
  });
});
