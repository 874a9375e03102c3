import { createHash } from 'node:crypto';
import type { CloudEvent } from '../events/customer-events';
import type { JobVersions } from '../queue/job-versions';

/** Stored in Redis: renaming it strands what is queued. */
export const EMAIL_QUEUE = 'email.messages';
/** The only kind of job of that queue. Stored too. */
export const SEND_EMAIL = 'SEND_EMAIL';

/** Which step of this contract a worker must know: docs/operations.md. */
export const EMAIL_JOB_VERSIONS = { [SEND_EMAIL]: 1 } as const satisfies JobVersions;

/** Events that a tenant can be sent an e-mail of. Part of the contract with callers: add, never rename. */
export const EMAIL_EVENT_TYPES = [
  'customer.import.completed',
  'customer.import.failed',
  'customer.import.cancelled',
  'customer.created',
] as const;
export type EmailEventType = (typeof EMAIL_EVENT_TYPES)[number];
export type EmailEvent = { [T in EmailEventType]: CloudEvent<T> }[EmailEventType];

/** One e-mail, to all who were to be told. */
export interface EmailMessage {
  tenantId: string;
  requestId: string;
  /** Who has it not yet. */
  to: string[];
  event: EmailEvent;
}

/** What came of it. */
export interface EmailResult {
  messageId: string;
  /** How many took it at the last attempt; 0 when the tenant wants none any more. */
  recipients: number;
}

const DAY_S = 24 * 3_600;

/**
 * A mail server that is away for half an hour is waited for: 1 s, 2 s, 4 s … between attempts, half of it random. While
 * an e-mail that was sent is kept, a repeat of its event sends no other.
 */
export const EMAIL_JOB_OPTIONS = {
  attempts: 13,
  backoff: { type: 'exponential', delay: 1_000, jitter: 0.5 },
  stackTraceLimit: 3,
  removeOnComplete: { age: DAY_S, count: 20_000 },
} as const;

/** Names an e-mail after its event: a repeat has the same name, and other tenants' events have others. */
export const emailId = ({ tenantid, id }: Pick<CloudEvent, 'tenantid' | 'id'>): string =>
  `m${createHash('sha256')
    .update(JSON.stringify([tenantid, id]))
    .digest('hex')
    .slice(0, 40)}`;

const TYPES: ReadonlySet<string> = new Set(EMAIL_EVENT_TYPES);
export const isEmailEvent = (event: CloudEvent): event is EmailEvent => TYPES.has(event.type);
