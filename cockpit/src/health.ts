import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Overview } from '../../src/monitoring/overview/overview';
import type { Trouble } from '../../src/monitoring/overview/troubles';
import type { Polled } from './server/use-polled';

/** The service as it was seen last, for all pages. */
export const OverviewContext = createContext<Polled<Overview> | undefined>(undefined);

export function useOverview(): Polled<Overview> {
  const overview = useContext(OverviewContext);
  if (!overview) throw new Error('No overview');
  return overview;
}

/** All that is wrong, the worst first: also that nothing can be known. Undefined before the first answer. */
export function troublesOf({ data, failure }: Polled<Overview>): Trouble[] | undefined {
  if (!failure) return data?.troubles;
  const what = failure.status === 0 ? 'The service does not answer' : failure.message;
  return [{ severity: 'critical', what, todo: 'What is shown below is what was seen last.' }];
}
