import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Ends a process as a crash does; one that has ended, or never began, is left alone. */
export async function endAtOnce(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
