import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { lastLine, runCommand } from './run-command.ts';

/** A server's program that was found, and was seen to run. */
export interface Executable {
  path: string;
  version: string;
  /** Where it comes from, for people: `PATH`, or the package that it was fetched from. */
  origin: string;
}

/** The first of these names on the PATH, if there is one. */
export async function findOnPath(
  names: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  for (const name of names) {
    for (const folder of (env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
      const path = join(folder, name);
      if (await isExecutable(path)) return path;
    }
  }
  return undefined;
}

/** Whether there is a file that may be run. */
export async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/**
 * Runs `--version`: a program that lacks a shared library, or is made for another machine, names its trouble
 * here and not in the middle of a start.
 */
async function versionOf(path: string): Promise<{ version: string } | { trouble: string }> {
  const { ok, stdout, stderr } = await runCommand(path, ['--version'], {
    env: process.env,
    timeoutMs: 10_000,
  });
  const version = /\bv=?(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  if (ok && version !== undefined) return { version };
  return { trouble: lastLine(stderr) || 'it does not tell its version' };
}

/** The program at this path, if it is there and runs here; one that does not is named and passed over. */
export async function usable(
  path: string | undefined,
  origin: string,
  log: (line: string) => void,
): Promise<Executable | undefined> {
  if (path === undefined || !(await isExecutable(path))) return undefined;
  const probe = await versionOf(path);
  if ('version' in probe) return { path, version: probe.version, origin };
  log(`Passing over ${path}: ${probe.trouble}`);
  return undefined;
}
