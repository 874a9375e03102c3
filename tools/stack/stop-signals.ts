import { isAlive, npmProcess } from './npm-process.ts';

/** npm passes on the signal that the terminal has sent us already: within this time it is still the same wish. */
const SAME_WISH_MS = 500;

export interface StopWishes {
  /** Settles at the first wish to stop. */
  first: Promise<void>;
  /** Settles when somebody has lost patience with the stopping. */
  second: Promise<void>;
}

/** Listens to Ctrl-C, SIGTERM, a closed terminal and, under npm, the end of npm. */
export function stopWishes(env: NodeJS.ProcessEnv): StopWishes {
  const first = Promise.withResolvers<undefined>();
  const second = Promise.withResolvers<undefined>();
  let firstAt = Number.POSITIVE_INFINITY;
  const wish = () => {
    if (firstAt === Number.POSITIVE_INFINITY) {
      firstAt = Date.now();
      first.resolve(undefined);
    } else if (Date.now() - firstAt > SAME_WISH_MS) {
      second.resolve(undefined);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, wish);

  // A killed npm cannot tell us; without it nobody would know how to stop us.
  void npmProcess(env).then((npm) => {
    if (npm === undefined) return;
    setInterval(() => {
      if (!isAlive(npm)) first.resolve(undefined);
    }, 500).unref();
  });
  return { first: first.promise, second: second.promise };
}
