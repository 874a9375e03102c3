import { type Child, type ChildSpec, startChild } from '../../../tools/stack/child.ts';

const running = new Set<Child>();

/** Starts a command that dies with this process, and by {@link killAll} before. */
export function start(spec: ChildSpec): Child {
  const child = startChild(spec);
  running.add(child);
  void child.exited.then(() => running.delete(child));
  return child;
}

/** Settles when all that was started is gone. */
export async function killAll(): Promise<void> {
  const children = [...running];
  for (const child of children) child.kill();
  await Promise.all(children.map(({ exited }) => exited));
}
