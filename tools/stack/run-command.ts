import { execFile } from 'node:child_process';

export interface CommandResult {
  ok: boolean;
  stdout: string;
  stderr: string;
  /** The command itself does not exist. */
  missing: boolean;
}

/** Runs a command to its end and tells how it went; it never throws. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: { env: NodeJS.ProcessEnv; timeoutMs: number; cwd?: string },
): Promise<CommandResult> {
  const { env, cwd, timeoutMs: timeout } = options;
  return new Promise((resolve) => {
    execFile(command, args, { env, cwd, timeout, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      const missing = error?.code === 'ENOENT';
      resolve({ ok: error === null, stdout, stderr: stderr || (error?.message ?? ''), missing });
    });
  });
}

/** The last line that says something. */
export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}
