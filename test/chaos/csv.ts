/** The file of an import: each row is a customer of its own, known by its number. */
export function csvOf(prefix: string, rows: number): string {
  const lines = Array.from(
    { length: rows },
    (_, row) => `${nameOfRow(row)},${prefix}.${row}@example.com,${visitsOfRow(row)}`,
  );
  return `name,email,visits\n${lines.join('\n')}\n`;
}

export const nameOfRow = (row: number): string => `Row ${row}`;
export const visitsOfRow = (row: number): number => row % 7;

/** Which row of which file an email belongs to. */
export function rowOfEmail(email: string): { prefix: string; row: number } | undefined {
  const [, prefix, row] = /^(.+)\.(\d+)@example\.com$/.exec(email) ?? [];
  return prefix === undefined ? undefined : { prefix, row: Number(row) };
}
