import { jsonField } from '../../queue/search/job-search';

/** Whose traces are removed. */
export interface ErasedPerson {
  tenantId: string;
  customerId: string;
  /** Those that nobody else has by now. */
  emails: readonly string[];
  /** Place of the erasure in the order of acceptance: what was accepted later stays. */
  order: number;
  /** The job that does it. */
  jobId: string;
}

/** Whom something that is kept names. */
export interface Named {
  customerId?: string;
  email?: string;
  /** The job that it is of. */
  jobId?: string;
}

/** In JSON, one of these is in whatever is about the person. */
export const mentionsOf = ({ customerId, emails }: ErasedPerson): string[] => [
  jsonField('customerId', customerId),
  ...emails.map((email) => jsonField('email', email)),
];

/** Reads whom a payload, an event's data or an answer names; whatever is not text is left out. */
export function namedIn(data: unknown): Named {
  const fields = (typeof data === 'object' && data !== null ? data : {}) as Record<string, unknown>;
  const text = (name: keyof Named) => (typeof fields[name] === 'string' ? { [name]: fields[name] } : {});
  return { ...text('customerId'), ...text('email'), ...text('jobId') };
}
