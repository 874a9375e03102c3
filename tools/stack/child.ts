import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A command to run beside us. */
export interface ChildSpec {
  /** The project's root: the guard's script lies under it. */
  root: string;
  command: string;
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Where stdout and stderr go: our own, or a file that starts empty. */
  output: 'inherit' | { file: string };
  /** How long a stop may take before the child is killed. */
  stopGraceMs: number;
}

/** A running command that dies with this process, even when this process is killed. */
export interface Child {
  /** Settles when the command has ended: its exit code, or 128 + the number of the signal that ended it. */
  readonly exited: Promise<number>;
  /** Asks for a graceful end and settles when it has come, by force after the grace at the latest. */
  stop(): Promise<number>;
  /** Ends the command at once. */
  kill(): void;
}

export type Readiness = 'ready' | 'ended' | 'late';

/** Enough for a mongod with nothing to do, which takes one second. */
const ORPHAN_GRACE_MS = 2_000;

/**
 * Starts a command under a guard, in a process group of its own: a Ctrl-C in the terminal reaches only us, so
 * the order of the shutdown is ours.
 */
export function startChild(spec: ChildSpec): Child {
  const output = spec.output === 'inherit' ? 'inherit' : openSync(spec.output.file, 'w');
  const guard = spawn(
    process.execPath,
    [
      join(spec.root, 'tools/stack/guard.mjs'),
      String(spec.stopGraceMs),
      String(ORPHAN_GRACE_MS),
      spec.command,
      ...spec.args,
    ],
    { cwd: spec.cwd, env: spec.env ?? process.env, detached: true, stdio: ['pipe', output, output] },
  );
  if (typeof output === 'number') closeSync(output);

  const killGroup = () => {
    if (guard.pid === undefined) return;
    try {
      process.kill(-guard.pid, 'SIGKILL');
    } catch {
      // The group is already gone.
    }
  };
  const exited = new Promise<number>((resolve) => {
    guard.once('error', () => {
      resolve(127);
    });
    guard.once('exit', (code) => {
      // A guard that was killed itself may leave its command behind.
      killGroup();
      resolve(code ?? 137);
    });
  });
  // Writing to a guard that is just ending is no fault.
  guard.stdin?.on('error', () => undefined);

  return {
    exited,
    stop: () => {
      guard.stdin?.write('stop\n');
      return exited;
    },
    kill: killGroup,
  };
}

/** Asks `isReady` until it says yes, the child has ended, or the time is up. */
export async function readiness(
  child: Child,
  isReady: () => Promise<boolean>,
  deadlineMs: number,
): Promise<Readiness> {
  const deadline = Date.now() + deadlineMs;
  const ended = child.exited.then(() => 'ended' as const);
  while (Date.now() < deadline) {
    const answer = await Promise.race([ended, isReady()]);
    if (answer === 'ended') return 'ended';
    if (answer) return 'ready';
    await delay(20);
  }
  return 'late';
}
