import type { CustomerEvents } from '../../events/customer-events';
import { cloudEvent } from '../../events/customer-events';
import type { EmailEvent, EmailEventType } from '../email-jobs';
import { write } from './templates';

/** Made at 2026-01-31T12:00:00.000Z. */
const IMPORT_ID = '019c13ec-9e00-7000-8000-000000000000';
const MADE_AT = Date.UTC(2026, 0, 31, 12);
const CUSTOMER = { jobId: 'j1', userId: 'alice', customerId: 'c1', email: 'ana@example.com' };
const COUNTS = { rows: 10, processed: 10, created: 7, updated: 1, unchanged: 0, skipped: 0, rejected: 2 };
const IMPORT = { jobId: IMPORT_ID, userId: 'alice', importId: IMPORT_ID, counts: COUNTS };
const FAILED = { ...IMPORT, operation: 'BULK_IMPORT_CUSTOMERS', reason: 'A chunk can not be read' };

function eventOf<T extends EmailEventType>(type: T, data: CustomerEvents[T], afterMs = 65_000): EmailEvent {
  const context = { step: 's', subject: 's', tenantId: 'acme', requestId: 'r' };
  const time = new Date(MADE_AT + afterMs).toISOString();
  return { ...cloudEvent(type, context, data), time } as EmailEvent;
}

describe('the e-mail', () => {
  it.each<[EmailEvent, string]>([
    [eventOf('customer.created', CUSTOMER), 'Customer c1 was created'],
    [
      eventOf('customer.import.completed', { ...IMPORT, counts: { ...COUNTS, rejected: 0 } }),
      `Import ${IMPORT_ID} is completed`,
    ],
    [eventOf('customer.import.completed', IMPORT), `Import ${IMPORT_ID} is completed, 2 of 10 rows rejected`],
    [eventOf('customer.import.failed', FAILED), `Import ${IMPORT_ID} failed`],
    [eventOf('customer.import.cancelled', IMPORT), `Import ${IMPORT_ID} was cancelled`],
    [
      eventOf('customer.import.cancelled', { ...IMPORT, dryRun: true }),
      `Dry run of import ${IMPORT_ID} was cancelled`,
    ],
  ])('%# says in its subject what happened', (event, subject) => {
    expect(write(event, undefined).subject).toBe(subject);
  });

  it('of an import has its counts, who asked for it, and how long it took', () => {
    const { text } = write(eventOf('customer.import.completed', IMPORT), undefined);

    expect(text).toBe(`Import ${IMPORT_ID} is completed, 2 of 10 rows rejected.

Rows:               10
Created:            7
Updated:            1
Unchanged:          0
Skipped:            0
Rejected:           2
Took, with waiting: 1 min 5 s
Import:             ${IMPORT_ID}
By:                 alice
Tenant:             acme
At:                 2026-01-31T12:01:05.000Z

--${' '}
Sent because this address is named in the e-mail notifications of the tenant.
`);
  });

  it.each([
    [0, '0.0 s'],
    [1_449, '1.4 s'],
    [59_900, '1 min 0 s'],
    [3_600_000, '1 h 0 min 0 s'],
    [-5, '0.0 s'],
  ])('of an import that took %i ms says %s', (ms, words) => {
    const { text } = write(eventOf('customer.import.completed', IMPORT, ms), undefined);

    expect(text).toContain(`Took, with waiting: ${words}\n`);
  });

  it('of an import that failed has the reason', () => {
    expect(write(eventOf('customer.import.failed', FAILED), undefined).text).toMatch(
      /Reason: +A chunk can not be read\n/,
    );
  });

  it('has links where the service has an address, to rejected rows where there are some', () => {
    const { text, html } = write(eventOf('customer.import.completed', IMPORT), 'https://crm.example.com');
    const url = `https://crm.example.com/api/customer/imports/${IMPORT_ID}`;

    expect(text).toContain(`Results: ${url}/results.csv\nRejected rows: ${url}/errors.csv\n`);
    expect(html).toContain(`<a href="${url}/errors.csv">Rejected rows</a>`);
  });

  it('has no links where the service has no address', () => {
    const { text, html } = write(eventOf('customer.import.completed', IMPORT), undefined);

    expect(text + html).not.toMatch(/http|href/);
  });

  it('keeps what somebody wrote on its line of the text, and harmless in the HTML', () => {
    const email = '"a\r\nBcc: eve@example.com\u2028"@<script>alert(1)</script>&\'.example.com';
    const { subject, text, html } = write(eventOf('customer.created', { ...CUSTOMER, email }), undefined);

    expect(subject).not.toContain('eve');
    expect(text).toMatch(/^Email: +"a Bcc: eve@example\.com "@<script>/m);
    expect(html).not.toMatch(/<script|\r|\u2028/);
    expect(html).toContain(
      '&quot;a Bcc: eve@example.com &quot;@&lt;script&gt;alert(1)&lt;/script&gt;&amp;&#39;',
    );
  });
});
