import type { EmailEvent } from '../email-jobs';
import type { Content, Template, Templates } from './content';
import { customerCreated } from './customer-created';
import { importCancelled, importCompleted, importFailed } from './import-ended';
import { toHtml, toText } from './render';

const TEMPLATES: Templates = {
  'customer.import.completed': importCompleted,
  'customer.import.failed': importFailed,
  'customer.import.cancelled': importCancelled,
  'customer.created': customerCreated,
};

export interface Written {
  subject: string;
  text: string;
  html: string;
}

/** Writes the e-mail of an event. @param publicUrl where people reach the API; without it there are no links */
export function write(event: EmailEvent, publicUrl: string | undefined): Written {
  // The compiler does not see that an event and the template of its type belong together.
  const template = TEMPLATES[event.type] as (...parts: Parameters<Template<EmailEvent['type']>>) => Content;
  const content = template(event, publicUrl);
  return { subject: content.subject, text: toText(content), html: toHtml(content) };
}
