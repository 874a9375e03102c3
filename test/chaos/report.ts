import { readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import * as prettier from 'prettier';
import { isGood, type Outcome } from './perform.ts';

const HEADER = ['scenario', 'accepted', 'applied', 'lost', 'twice', 'slowest recovery'];
const BEGIN = '<!-- chaos:begin -->';
const END = '<!-- chaos:end -->';

/** The table, as Markdown that is a table for the eye too. */
export function table(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map((outcome) => [
    outcome.title,
    ...[outcome.accepted, outcome.applied, outcome.lost, outcome.twice].map((n) => n.toLocaleString('en')),
    outcome.slowestRecoveryMs === undefined ? '–' : `${(outcome.slowestRecoveryMs / 1_000).toFixed(1)} s`,
  ]);
  const widths = HEADER.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join(' | ')} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [line(HEADER), line(rule), ...rows.map(line)].join('\n');
}

/** What is worth reading beside the table: what broke, and what was seen. */
export function remarks(outcomes: readonly Outcome[]): string {
  return outcomes
    .flatMap((outcome) => [
      `${isGood(outcome) ? 'ok    ' : 'FAILED'} ${outcome.name} (${Math.round(outcome.tookMs / 1_000)} s)`,
      ...outcome.problems.map((problem) => `         ! ${problem}`),
      ...outcome.notes.map((note) => `         ${note}`),
    ])
    .join('\n');
}

/** Puts table, date, versions and machine between the two marks of docs/reliability.md. */
export async function writeDocument(
  root: string,
  outcomes: readonly Outcome[],
  serverVersions: readonly string[],
): Promise<void> {
  const file = join(root, 'docs/reliability.md');
  const text = await readFile(file, 'utf8');
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${file} has no ${BEGIN} and ${END}`);
  const [own, bullmq] = await Promise.all([versionIn(root), versionIn(join(root, 'node_modules/bullmq'))]);
  const versions = [`service ${own}`, `Node ${process.versions.node}`, ...serverVersions, `BullMQ ${bullmq}`];
  const [cpu] = cpus();
  const machine = `${cpus().length} cores of ${cpu?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  const measured = `Measured on ${new Date().toISOString().slice(0, 10)}: ${versions.join(', ')}; ${machine}.`;
  const written = `${text.slice(0, begin)}${BEGIN}\n\n${table(outcomes)}\n\n${measured}\n\n${text.slice(end)}`;
  const options = await prettier.resolveConfig(file);
  await writeFile(file, await prettier.format(written, { ...options, parser: 'markdown' }));
}

async function versionIn(folder: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string };
  return version;
}
