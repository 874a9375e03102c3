/** Parts a wait is counted in. */
const PARTS = 5;

/**
 * Calls when that much time was spent waiting. Time in which this process was busy and looked for nothing hardly counts:
 * an answer that came meanwhile is still unread, and would be taken for one that is late.
 * @returns what ends the wait
 */
export function whenWaited(ms: number, call: () => void): () => void {
  let left = PARTS;
  const part = (): void => {
    if (left-- === 0) call();
    else timer = setTimeout(part, ms / PARTS);
  };
  let timer: NodeJS.Timeout | undefined;
  part();
  return () => {
    clearTimeout(timer);
  };
}
