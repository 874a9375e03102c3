import { useState } from 'preact/hooks';
import { textOf } from './api';

/** Something that a person does, which the service may refuse. */
export interface Act<A extends unknown[]> {
  run: (...args: A) => void;
  isRunning: boolean;
  /** Why the last try did not work. */
  problem: string | undefined;
}

export function useAct<A extends unknown[]>(work: (...args: A) => Promise<void>): Act<A> {
  const [isRunning, setRunning] = useState(false);
  const [problem, setProblem] = useState<string>();
  const run = (...args: A): void => {
    setRunning(true);
    setProblem(undefined);
    work(...args)
      .catch((error: unknown) => {
        setProblem(textOf(error));
      })
      .finally(() => {
        setRunning(false);
      });
  };
  return { run, isRunning, problem };
}
