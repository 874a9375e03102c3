import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { mapColumns } from './columns';
import { readCsv } from './read-csv';
import { readRows, type CsvRow } from './row-reader';

const SAMPLE = join(__dirname, '../../../../samples/customers-1000.csv');

async function readSample(): Promise<CsvRow[]> {
  const { header, delimiter, chunks } = await readCsv(createReadStream(SAMPLE) as AsyncIterable<Buffer>, {
    rowsPerChunk: 300,
  });
  const layout = { header, delimiter, columns: mapColumns(header) };
  const rows: CsvRow[] = [];
  for await (const { bytes, firstLine, firstRow } of chunks) {
    rows.push(...readRows(bytes, layout, firstLine, firstRow));
  }
  return rows;
}

describe('samples/customers-1000.csv', () => {
  it('has 1,000 rows, of which twelve are bad in twelve ways', async () => {
    const rows = await readSample();

    const rejected = rows.flatMap((row) =>
      row.ok ? [] : [[row.line, row.row, row.problem.field, row.problem.code, row.problem.message]],
    );
    expect(rows.map(({ row }) => row)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(rejected).toEqual([
      [25, 23, 'name', 'required', 'name is required'],
      [92, 88, 'email', 'invalid_email', expect.any(String)],
      [151, 147, 'phone', 'invalid_phone', expect.any(String)],
      [219, 215, undefined, 'column_count', 'expected 10 columns, found 6'],
      [293, 289, undefined, 'column_count', 'expected 10 columns, found 11'],
      [360, 356, 'totalSpend', 'invalid_number', expect.any(String)],
      [435, 431, 'totalSpend', 'invalid_number', expect.any(String)],
      [511, 507, 'visits', 'invalid_number', expect.any(String)],
      [588, 584, 'lastVisit', 'invalid_date', expect.any(String)],
      [673, 668, 'name', 'too_long', 'name is longer than 200 characters'],
      [782, 777, 'attributes.Company', 'malformed_quotes', 'there is text after a closing quote'],
      [956, 951, 'address', 'control_character', expect.any(String)],
    ]);
  });

  it('has twenty customers twice', async () => {
    const emails = (await readSample()).flatMap((row) => (row.ok ? [row.customer.email] : []));

    expect({ valid: emails.length, different: new Set(emails).size }).toEqual({ valid: 988, different: 968 });
  });
});
