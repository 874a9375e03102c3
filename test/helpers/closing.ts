type Close = () => Promise<void>;
const open: Close[] = [];

/**
 * Makes a `close` that works once, and happens at the end of the file where a test fails before it calls it: what is
 * left open would keep the run from ending.
 */
export function closing(close: () => Promise<void> | void): Close {
  let closed: Promise<void> | undefined;
  const once = () => (closed ??= Promise.resolve(close()));
  open.push(once);
  return once;
}

/** Last opened, first closed. */
export async function closeAll(): Promise<void> {
  for (const close of open.toReversed()) await close();
}
