import { STATUS_CODES } from 'node:http';

/** One field of a request that was refused. */
export interface FieldProblem {
  field: string;
  /** Stable, such as `required` or `too_long`. */
  code: string;
  message: string;
}

/** RFC 9457 problem details, with what our clients read beside it. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  success: false;
  message: string;
  requestId: string;
  errors?: FieldProblem[];
}

/** What a refusal says; the rest of a problem follows from the request. */
export interface Refusal {
  status: number;
  detail: string;
  errors?: FieldProblem[];
  /** s, for `Retry-After` */
  retryAfter?: number;
}

export function toProblem({ status, detail, errors }: Refusal, path: string, requestId: string): Problem {
  const title = STATUS_CODES[status] ?? 'Error';
  return {
    // RFC 9457, section 4.2.1: the title says no more than the status.
    type: 'about:blank',
    title,
    status,
    detail,
    instance: path,
    success: false,
    message: detail,
    requestId,
    ...(errors && { errors }),
  };
}
