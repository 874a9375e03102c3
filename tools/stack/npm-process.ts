import { readFile } from 'node:fs/promises';

/**
 * The npm that runs us, if one does. Between npm and us stands a shell on many systems, which does not notice
 * that npm was killed; the kernel's own list of processes tells where it is. Without such a list (macOS, where
 * the shell makes room for us) npm is our parent.
 */
export async function npmProcess(env: NodeJS.ProcessEnv): Promise<number | undefined> {
  if (env['npm_lifecycle_event'] === undefined) return undefined;
  const parent = await statOf(process.ppid);
  const isShell = parent !== undefined && !parent.name.startsWith('npm');
  return isShell ? parent.ppid : process.ppid;
}

/** Whether a process with this id is there, be it ours to signal or not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function statOf(pid: number): Promise<{ name: string; ppid: number } | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [, name, ppid] = /^\d+ \((.*)\) \S+ (\d+)/.exec(stat) ?? [];
  return name === undefined || ppid === undefined ? undefined : { name, ppid: Number(ppid) };
}
