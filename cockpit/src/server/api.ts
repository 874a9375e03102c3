import type { Envelope } from '../../../src/http/envelope';
import type { Problem } from '../../../src/http/problem';

/** The service refused, or could not be reached (status 0). */
export class RequestFailed extends Error {
  override readonly name = 'RequestFailed';

  constructor(
    readonly status: number,
    message: string,
    readonly errors: readonly { field: string; message: string }[] = [],
  ) {
    super(message);
  }
}

export interface SendOptions {
  body?: object | Blob;
  /** For whom, where the route is one of a tenant. */
  tenant?: string;
  /** Makes a request that is sent again the same request. */
  idempotencyKey?: string;
  signal?: AbortSignal;
}

/** Longest wait for an answer to a question, in ms: a page that says nothing is taken for a service that is well. */
const ANSWER_MS = 10_000;

/** Told when a session is over, whatever asked. */
let onSignedOut: () => void = () => undefined;
export const whenSignedOut = (listener: () => void): void => {
  onSignedOut = listener;
};

export function get<T>(path: string, options: SendOptions = {}): Promise<T> {
  const late = AbortSignal.timeout(ANSWER_MS);
  const signal = options.signal ? AbortSignal.any([options.signal, late]) : late;
  return send<T>('GET', path, { ...options, signal });
}

/** @returns `data` of the answer @throws RequestFailed */
export async function send<T>(method: string, path: string, options: SendOptions = {}): Promise<T> {
  const response = await request(method, path, 'application/json', options);
  const { data } = await jsonOf<Envelope<T>>(response);
  return data;
}

/** Lets the browser save what the service answers. @throws RequestFailed */
export async function download(path: string, filename: string, tenant: string): Promise<void> {
  const response = await request('GET', path, 'text/csv, application/json', { tenant });
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = filename;
  link.click();
  URL.revokeObjectURL(url);
}

async function request(
  method: string,
  path: string,
  accept: string,
  { body, tenant, idempotencyKey, signal }: SendOptions,
): Promise<Response> {
  const isFile = body instanceof Blob;
  const headers = new Headers({ accept });
  if (body) headers.set('content-type', isFile ? 'text/csv' : 'application/json');
  if (tenant !== undefined) headers.set('x-tenant-id', encodeURIComponent(tenant));
  if (idempotencyKey !== undefined) headers.set('idempotency-key', idempotencyKey);
  const response = await reach(path, {
    method,
    headers,
    ...(body && { body: isFile ? body : JSON.stringify(body) }),
    ...(signal && { signal }),
  });
  if (response.ok) return response;
  if (response.status === 401 && path !== SESSION) onSignedOut();
  throw await refusalOf(response);
}

export const SESSION = '/admin/api/session';

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (error) {
    throw isLeft(error) ? error : new RequestFailed(0, 'The service does not answer.');
  }
}

/** Nobody wants the answer any more. */
const isLeft = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError';

/** An answer may be cut off, or be that of a proxy. */
async function jsonOf<T>(response: Response): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch (error) {
    throw isLeft(error) ? error : new RequestFailed(0, 'The answer can not be read.');
  }
}

async function refusalOf(response: Response): Promise<RequestFailed> {
  const { status } = response;
  const isProblem = response.headers.get('content-type')?.includes('json') ?? false;
  if (!isProblem) return new RequestFailed(status, (await response.text()).trim() || response.statusText);
  const { detail, errors = [] } = await jsonOf<Problem>(response);
  return new RequestFailed(status, detail, errors);
}

/** For a person: what went wrong, field by field where it is told. */
export function textOf(error: unknown): string {
  if (!(error instanceof RequestFailed)) return String(error);
  const fields = error.errors.map(({ field, message }) => (field ? `${field}: ${message}` : message));
  return fields.length > 0 ? fields.join('; ') : error.message;
}
