/** Whether a command that failed for an outage was certainly not done, or may have been. */
export type Outage = 'definite' | 'ambiguous';

/** Redis is there, and takes this command from nobody at the moment. */
const REFUSALS = [
  ...['LOADING', 'READONLY', 'MASTERDOWN', 'CLUSTERDOWN', 'TRYAGAIN', 'MOVED', 'ASK', 'UNBLOCKED'],
  ...['MISCONF', 'NOREPLICAS', 'BUSY', 'OOM'],
];
/** At the start of the message, or where a script quotes it: `ERR Error running script ...: -OOM command ...`. */
const REFUSAL = new RegExp(`(?:^|: ?[-@]?)(${REFUSALS.join('|')}) `);

/** Nothing had been sent: there was no connection to send it on. */
const NOT_CONNECTED = /^Stream isn't writeable/;
const NO_CONNECTION_CODES = [
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN'],
];
/** Sent, perhaps; the answer was lost. */
const LOST = /^(?:Command timed out|Connection is closed|Socket timeout\.|connect ETIMEDOUT)/;
const LOST_CODES = ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNABORTED'];
const LOST_NAMES = ['AbortError', 'MaxRetriesPerRequestError', 'ConnectionClosedError'];

/** @returns undefined for an error that is none of the connection: a fault, which waiting does not mend */
export function outageOf(error: unknown): Outage | undefined {
  if (!isErrorLike(error)) return undefined;
  const { name, message } = error;
  if (name === 'ReplyError') return isRefusal(error) ? 'definite' : undefined;
  const code = 'code' in error ? String(error.code) : '';
  if (NOT_CONNECTED.test(message) || NO_CONNECTION_CODES.includes(code)) return 'definite';
  if (LOST.test(message) || LOST_CODES.includes(code) || LOST_NAMES.includes(name)) return 'ambiguous';
  return undefined;
}

/** @returns the word by which Redis refuses a command for the moment, such as `READONLY` */
export const refusalOf = ({ message }: Error): string | undefined => REFUSAL.exec(message)?.[1];

/** A transaction that Redis discarded tells why by the errors of its commands. */
const isRefusal = (error: Error): boolean =>
  refusalOf(error) !== undefined ||
  ('previousErrors' in error &&
    Array.isArray(error.previousErrors) &&
    error.previousErrors.some((one) => one instanceof Error && isRefusal(one)));

/** By its looks: an error of Node's own may come from another realm than ours. */
const isErrorLike = (error: unknown): error is Error =>
  typeof error === 'object' && error !== null && 'name' in error && 'message' in error;
