import { randomUUID } from 'node:crypto';

export interface CsvOptions {
  rows: number;
  /** Before the number in each email; another one makes other customers. */
  prefix?: string;
}

export const emailOfRow = (prefix: string, row: number): string => `${prefix}.${row}@example.com`;

/** A CSV file with a header and as many good rows, each a customer of its own. */
export function buildCsv({ rows, prefix = `row-${randomUUID()}` }: CsvOptions): string {
  const lines = Array.from(
    { length: rows },
    (_, row) => `Customer ${row},${emailOfRow(prefix, row)},${row % 7}`,
  );
  return `name,email,visits\n${lines.join('\n')}\n`;
}
