/**
 * The file of an import: each row is a customer of its own, known by its number.
 * @param addressLength makes rows longer, in characters
 */
export function csvOf(prefix: string, rows: number, addressLength = 0): string {
  const address = 'x'.repeat(addressLength);
  const lines = Array.from(
    { length: rows },
    (_, row) => `${nameOfRow(row)},${prefix}.${row}@example.com,${visitsOfRow(row)},${address}`,
  );
  return `name,email,visits,address\n${lines.join('\n')}\n`;
}

export const nameOfRow = (row: number): string => `Row ${row}`;
export const visitsOfRow = (row: number): number => row % 7;

/** Which row of which file an email belongs to. */
export function rowOfEmail(email: string): { prefix: string; row: number } | undefined {
  const [, prefix, row] = /^(.+)\.(\d+)@example\.com$/.exec(email) ?? [];
  return prefix === undefined ? undefined : { prefix, row: Number(row) };
}
