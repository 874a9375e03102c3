import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './run-command.ts';
import { StackProblem } from './stack-problem.ts';

const INPUTS = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'nest-cli.json'];
const SOURCES = ['src', 'cockpit'];

/** Builds the service when what it is made of is younger than the last build. */
export async function ensureBuilt(root: string, entry: string, log: (line: string) => void): Promise<void> {
  const built = await modifiedAt(entry);
  const sources = await Promise.all(SOURCES.map((folder) => filesOf(root, folder)));
  const inputs = [...INPUTS, ...sources.flat()];
  const times = await Promise.all(inputs.map((name) => modifiedAt(join(root, name))));
  if (built > Math.max(...times)) return;

  log('Building the service');
  const { ok, stdout, stderr } = await runCommand('npm', ['run', '--silent', 'build'], {
    cwd: root,
    env: process.env,
    timeoutMs: 300_000,
  });
  if (!ok) throw new StackProblem(`The build failed (npm run build):\n${(stdout + stderr).trim()}`);
}

async function filesOf(root: string, folder: string): Promise<string[]> {
  const names = await readdir(join(root, folder), { recursive: true });
  return [folder, ...names.map((name) => join(folder, name))];
}

async function modifiedAt(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}
