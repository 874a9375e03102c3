import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { get, RequestFailed } from './api';

export interface Polled<T> {
  /** The last answer, also while the service does not answer any more. */
  data: T | undefined;
  failure: RequestFailed | undefined;
  /** Looks now. */
  refresh: () => void;
}

/**
 * Asks again and again, one request at a time, and not while nobody looks.
 * @param path undefined to ask nothing
 */
export function usePolled<T>(path: string | undefined, everyMs: number, tenant?: string): Polled<T> {
  const [data, setData] = useState<T>();
  const [failure, setFailure] = useState<RequestFailed>();
  const lookNow = useRef<() => void>(() => undefined);

  useEffect(() => {
    setData(undefined);
    setFailure(undefined);
    if (path === undefined) return undefined;
    return follow(path, everyMs, tenant, lookNow, (answer) => {
      if (answer instanceof RequestFailed) setFailure(answer);
      else {
        setData(answer as T);
        setFailure(undefined);
      }
    });
  }, [path, everyMs, tenant]);

  const refresh = useCallback(() => {
    lookNow.current();
  }, []);
  return { data, failure, refresh };
}

/** @returns what ends it */
function follow(
  path: string,
  everyMs: number,
  tenant: string | undefined,
  lookNow: { current: () => void },
  tell: (answer: unknown) => void,
): () => void {
  let timer: number | undefined;
  let asking = new AbortController();
  const look = (): void => {
    window.clearTimeout(timer);
    asking.abort();
    if (document.hidden) return;
    const ours = new AbortController();
    asking = ours;
    get<unknown>(path, { signal: ours.signal, ...(tenant !== undefined && { tenant }) })
      .catch((error: unknown) => {
        if (error instanceof RequestFailed) return error;
        throw error;
      })
      .then((answer) => {
        if (ours.signal.aborted) return;
        tell(answer);
        timer = window.setTimeout(look, everyMs);
      })
      .catch((error: unknown) => {
        // Asked anew, or left, before the answer came.
        if (!ours.signal.aborted) throw error;
      });
  };
  lookNow.current = look;
  document.addEventListener('visibilitychange', look);
  look();
  return () => {
    document.removeEventListener('visibilitychange', look);
    window.clearTimeout(timer);
    asking.abort();
  };
}
