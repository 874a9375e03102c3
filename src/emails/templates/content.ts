import type { EmailEvent, EmailEventType } from '../email-jobs';

/** What an e-mail says, before it is made text or HTML. */
export interface Content {
  /** Becomes a header: of our words, ids and numbers only, never of what somebody wrote. */
  subject: string;
  lead: string;
  /** Label and value. */
  facts: [string, string | number][];
  links: { label: string; url: string }[];
}

type EventOf<T extends EmailEventType> = Extract<EmailEvent, { type: T }>;

/** @param publicUrl where people reach the API; without it there are no links */
export type Template<T extends EmailEventType> = (
  event: EventOf<T>,
  publicUrl: string | undefined,
) => Content;

/** One per type of event: a missing one does not compile. */
export type Templates = { [T in EmailEventType]: Template<T> };
