import { readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import * as prettier from 'prettier';
import type { Finding } from '../finding.ts';
import { picture } from './picture.ts';
import { table } from './table.ts';

/** Puts table, date, versions and machine between the two marks of docs/benchmarks.md, and the picture beside it. */
export async function writeDocument(
  root: string,
  findings: readonly Finding[],
  run: { rounds: number; rows: number; versions: readonly string[] },
): Promise<void> {
  const shown = '![How far each figure is beyond its bar](images/benchmarks.svg)';
  const measured = `${shown}\n\n${await conditions(root, run)}\n\n${table(findings)}`;
  await writeBetween(join(root, 'docs/benchmarks.md'), 'bench', measured);
  await writeFile(join(root, 'docs/images/benchmarks.svg'), `${picture(findings)}\n`);
}

/** Puts what was measured between the two marks of that name in a document. */
export async function writeBetween(file: string, mark: string, measured: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  const [BEGIN, END] = [`<!-- ${mark}:begin -->`, `<!-- ${mark}:end -->`];
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${file} has no ${BEGIN} and ${END}`);
  const written = `${text.slice(0, begin)}${BEGIN}\n\n${measured}\n\n${text.slice(end)}`;
  const options = await prettier.resolveConfig(file);
  await writeFile(file, await prettier.format(written, { ...options, parser: 'markdown' }));
}

/** Where and with what it was measured, in one sentence. */
export async function conditions(
  root: string,
  { rounds, rows, versions }: { rounds: number; rows?: number; versions: readonly string[] },
): Promise<string> {
  const [own, bullmq] = await Promise.all([versionIn(root), versionIn(join(root, 'node_modules/bullmq'))]);
  const large = rows === undefined ? '' : `, large cases with ${rows.toLocaleString('en')} rows`;
  const range = rows === undefined ? '' : ', the range their smallest and largest';
  const [cpu] = cpus();
  const machine = `${cpus().length} cores of ${cpu?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, shared by everything that is measured`;
  const software = [`service ${own}`, `Node ${process.versions.node}`, ...versions, `BullMQ ${bullmq}`];
  return `Measured on ${new Date().toISOString().slice(0, 10)} in one run of ${rounds} rounds${large}: ${software.join(', ')}; write concern majority with journal, on both sides; ${machine}. A figure is the median of the rounds${range}.`;
}

async function versionIn(folder: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string };
  return version;
}
