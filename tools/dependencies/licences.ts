import type { Component, SoftwareBill } from './software-bill.ts';

/** Licences that ask for no more than to be named. Another one is a decision: add it here, with its reason. */
const ALLOWED = new Set([
  ...['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT', 'MIT-0'],
  // Of argparse: the licence of Python itself, as free as BSD's.
  'Python-2.0',
]);

/** Packages whose package.json names no licence as SPDX does, read by a person: in their LICENSE or README. */
const READ: Record<string, string> = {
  'busboy@1.6.0': 'MIT',
  'limiter@1.1.5': 'MIT',
  'passport-strategy@1.0.0': 'MIT',
  'pause@0.0.1': 'MIT',
  'streamsearch@1.1.0': 'MIT',
};

/** The licence of a package as SPDX writes it; undefined where none is told. */
export function licenceOf({ name, version, licenses = [] }: Component): string | undefined {
  const told = licenses
    .map(({ license, expression }) => expression ?? license?.id ?? license?.name)
    .filter((licence) => licence !== undefined);
  return told.length > 0 ? told.join(' AND ') : READ[`${name}@${version}`];
}

/** Packages, as `name@version: licence`, whose licence is not known to be fine. */
export const doubtfulLicences = ({ components }: SoftwareBill): string[] =>
  components
    .filter((component) => !ALLOWED.has(licenceOf(component) ?? ''))
    .map((component) => `${component.name}@${component.version}: ${licenceOf(component) ?? 'unknown'}`);

/** docs/licences.md: what runs in production, and under which licence. */
export function licencesDocument({ components }: SoftwareBill): string {
  const rows = components
    .map((component) => [component.name, component.version, licenceOf(component) ?? 'unknown'] as const)
    .toSorted(([a, v], [b, w]) => (a === b ? compare(v, w) : compare(a, b)));
  return [
    '# Licences',
    '',
    'Every package that a release contains, from the lockfile. Written by `npm run licences`: do not edit. Which licences',
    'are taken is in `tools/dependencies/licences.ts`; a test fails for any other, and where this list is out of date.',
    '',
    ...table(['package', 'version', 'licence'], rows),
    '',
  ].join('\n');
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** With columns as wide as Prettier makes them. */
function table(head: string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)];
}
