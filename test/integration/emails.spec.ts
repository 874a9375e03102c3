import { cloudEvent } from '../../src/events/customer-events';
import {
  EMAIL_EVENT_TYPES,
  EMAIL_JOB_OPTIONS,
  emailId,
  SEND_EMAIL,
  type EmailMessage,
} from '../../src/emails/email-jobs';
import { buildCsv } from '../factories/csv';
import { buildCustomer } from '../factories/customer';
import type { Client } from '../helpers/client';
import { acceptedImport, existingCustomer } from '../helpers/customers';
import { emailQueueOf, newAddress, wants } from '../helpers/emails';
import { Stores } from '../helpers/stores';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { TestMailServer } from '../helpers/test-mail-server';
import { newTenant } from '../helpers/tokens';
import { waitFor, waitForImport } from '../helpers/wait';

const ALL = [...EMAIL_EVENT_TYPES];

describe('an e-mail', () => {
  let mail: TestMailServer;
  let app: TestApp;
  let emails: ReturnType<typeof emailQueueOf>;
  let tenantId: string;
  let client: Client;
  let address: string;

  beforeAll(async () => {
    mail = await TestMailServer.start();
    app = await createTestApp({
      variables: {
        SMTP_URL: mail.url,
        EMAIL_FROM: 'Insight <crm@insight.example>',
        EMAILS_PER_MINUTE: '10000',
        PUBLIC_URL: 'https://crm.example.com/',
      },
    });
    emails = emailQueueOf(app);
  });

  beforeEach(() => {
    tenantId = newTenant();
    client = app.client({ tenantId, sub: 'alice' });
    address = newAddress();
  });

  afterAll(async () => {
    await emails.close();
    await app.close();
    await mail.close();
  });

  /** Until nothing of the tenant is left to be sent. */
  const allSent = () =>
    waitFor(
      'the e-mails to be sent',
      () => emails.queue.getJobCountByTypes('waiting', 'active', 'prioritized', 'delayed'),
      (left) => left === 0,
    );

  it('tells the counts of an import that is over, who asked, and where its results are', async () => {
    await wants(client, [address], ALL);

    const importId = await acceptedImport(client, `${buildCsv({ rows: 12 })}no email,,1\n`);
    await waitForImport(client, importId);
    const [received] = await mail.until(address);
    await allSent();

    expect(mail.to(address)).toHaveLength(1);
    expect(received?.headers).toMatchObject({
      from: 'Insight <crm@insight.example>',
      to: address,
      subject: `Import ${importId} is completed, 1 of 13 rows rejected`,
      'message-id': expect.stringMatching(/^<m[0-9a-f]{40}@insight\.example>$/),
      'auto-submitted': 'auto-generated',
    });
    expect(received?.body).toMatch(/Rows: +13\n/);
    expect(received?.body).toMatch(/Created: +12\n/);
    expect(received?.body).toMatch(/Rejected: +1\n/);
    expect(received?.body).toMatch(/Took, with waiting: +\d+\.\d s\n/);
    expect(received?.body).toMatch(/By: +alice\n/);
    expect(received?.body).toContain(`https://crm.example.com/api/customer/imports/${importId}/results.csv`);
    expect(received?.body).toContain(`<a href="https://crm.example.com/api/customer/imports/${importId}/`);
  });

  it('says of a dry run that it was one', async () => {
    await wants(client, [address], ALL);

    const importId = await acceptedImport(client, buildCsv({ rows: 2 }), '?dryRun=true');
    const [received] = await mail.until(address);

    expect(received?.headers.subject).toBe(`Dry run of import ${importId} is completed`);
    expect(received?.body).toContain('no customer was written');
  });

  it('tells of a customer that was created, to each who is to be told', async () => {
    const other = newAddress();
    await wants(client, [address, other], ['customer.created']);
    const { email } = buildCustomer();

    const customerId = await existingCustomer(client, { email });
    const [received] = await mail.until(address);

    expect(received).toMatchObject({
      to: [address, other],
      headers: { subject: `Customer ${customerId} was created` },
    });
    expect(received?.body).toContain(email);
  });

  it('is sent of what is wanted only', async () => {
    await wants(client, [address], ['customer.import.completed']);

    await existingCustomer(client);
    const importId = await acceptedImport(client, buildCsv({ rows: 2 }));
    await mail.until(address);
    await allSent();
    const queued = (await emails.queue.getCompleted()).filter(({ data }) => data.tenantId === tenantId);

    expect(queued).toHaveLength(1);
    expect(mail.to(address).map(({ headers }) => headers.subject)).toEqual([
      `Import ${importId} is completed`,
    ]);
  });

  it('is sent to no other tenant', async () => {
    const stranger = newAddress();
    await wants(app.client(), [stranger], ALL);
    await wants(client, [address], ALL);

    await existingCustomer(client);
    await mail.until(address);
    await allSent();

    expect(mail.to(stranger)).toEqual([]);
  });

  it('is not sent any more once they are turned off', async () => {
    await wants(client, [address], ALL);
    await existingCustomer(client);
    await mail.until(address);

    await client.delete('/api/notifications/email');
    await existingCustomer(client);
    await allSent();

    expect(mail.to(address)).toHaveLength(1);
  });

  it('is sent once, however often its event is published', async () => {
    await wants(client, [address], ALL);
    const stores = await Stores.of(app);
    const customerId = await existingCustomer(client);
    await mail.until(address);
    const job = await stores.queue.getJob(customerId);
    const { finishedOn: endedFirst = Infinity } = job ?? {};

    await job?.retry('completed');
    await waitFor(
      'the customer to be created again',
      async () => (await stores.queue.getJob(customerId))?.finishedOn,
      (finishedOn) => finishedOn !== undefined && finishedOn > endedFirst,
    );
    await allSent();
    await stores.close();

    expect(mail.to(address)).toHaveLength(1);
  });

  it('has the same Message-ID when its job is delivered twice, so that receivers know it', async () => {
    await wants(client, [address], ALL);
    await existingCustomer(client);
    await mail.until(address);
    await allSent();
    const job = (await emails.queue.getCompleted()).find(({ data }) => data.tenantId === tenantId);

    await job?.retry('completed');
    const received = await mail.until(address, 2);

    expect(new Set(received.map(({ headers }) => headers['message-id'])).size).toBe(1);
  });

  it('has no header, no line and no tag that somebody wrote into a customer or a tenant', async () => {
    const evil = `evil\r\nBcc: eve@example.com\r\n\r\n<img src=x>`;
    const evilClient = app.client({ tenantId: `<b>${tenantId}` });
    await wants(evilClient, [address], ALL);
    const context = { step: 'a step', subject: evil, tenantId: `<b>${tenantId}`, requestId: evil };
    const data = { jobId: 'j', userId: evil, customerId: evil, email: evil };
    const event = cloudEvent('customer.created', context, data) as EmailMessage['event'];

    const message: EmailMessage = { tenantId: `<b>${tenantId}`, requestId: evil, to: [address], event };
    await emails.queue.add(SEND_EMAIL, message, {
      ...EMAIL_JOB_OPTIONS,
      jobId: emailId(event),
    });
    const [received] = await mail.until(address);

    expect(received?.to).toEqual([address]);
    expect(received?.headerNames).not.toContain('bcc');
    expect(received?.body).not.toMatch(/^Bcc/m);
    expect(received?.body).toContain('&lt;img src=x&gt;');
    expect(received?.body).toContain('&lt;b&gt;');
    expect(received?.body).not.toMatch(/<td>[^<]*<(img|b)/);
  });

  it('is masked for who must not know whom it is about', async () => {
    await wants(client, [address], ALL);
    const { email } = buildCustomer();
    await existingCustomer(client, { email });
    await mail.until(address);
    await allSent();
    const job = (await emails.queue.getCompleted()).find(({ data }) => data.tenantId === tenantId);
    const viewer = app.client({ roles: ['viewer'] });

    const story = await viewer.get(`/admin/api/jobs/email.messages/${job?.id}`);
    const board = await viewer.get(`/admin/queues/api/queues/email.messages/${job?.id}`);

    expect([story.status, board.status]).toEqual([200, 200]);
    expect(JSON.stringify(story.body)).toContain(job?.data.event.id);
    for (const secret of [address, email]) {
      expect(JSON.stringify(story.body)).not.toContain(secret);
      expect(JSON.stringify(board.body)).not.toContain(secret);
    }
  });
});
