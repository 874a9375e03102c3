import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Runs one of the bench's programs in a process of its own, so that no side pays for the other's work. @returns what it says */
export async function runChild<Result>(
  program: string,
  task: object,
  execArgv: readonly string[] = [],
): Promise<Result> {
  const child = fork(join(import.meta.dirname, program), {
    execArgv: [...execArgv],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const answer: { result?: Result } = {};
  child.on('message', (result) => {
    answer.result = result as Result;
  });
  child.send(task);
  const [code] = await exited;
  if (code !== 0 || answer.result === undefined) throw new Error(`${program} ended with ${code}`);
  return answer.result;
}

/** For the program: the task it was given. */
export async function takeTask<Task>(): Promise<Task> {
  process.once('disconnect', () => process.exit(1));
  const [task] = (await once(process, 'message')) as [Task];
  return task;
}

/** For the program: its result, and its end. */
export function tell(result: object): void {
  process.send?.(result, () => process.exit(0));
}
