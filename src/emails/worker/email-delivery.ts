import { Injectable } from '@nestjs/common';
import type { Job } from 'bullmq';
import { Environment } from '../../config/environment';
import { emailId, type EmailMessage, type EmailResult } from '../email-jobs';
import { EmailSettingsStore } from '../store/email-settings';
import { write } from '../templates/templates';
import { MailServer } from './mail-server';

/**
 * Sends one e-mail to those who have not got it. At least once: where a worker dies between the server's answer and the
 * queue's, it is sent again, under the same Message-ID.
 */
@Injectable()
export class EmailDelivery {
  private readonly domain: string;

  constructor(
    private readonly settings: EmailSettingsStore,
    private readonly server: MailServer,
    private readonly environment: Environment,
  ) {
    this.domain = environment.emails.from.address.replace(/^.*@/, '');
  }

  /** @throws EmailNotSent, or what Redis failed with */
  async deliver(job: Job<EmailMessage>, stopping: AbortSignal): Promise<EmailResult> {
    const { event } = job.data;
    const messageId = `<${emailId(event)}@${this.domain}>`;
    const left = await this.stillWanted(job.data);
    if (left.length === 0) return { messageId, recipients: 0 };
    const written = write(event, this.environment.publicUrl);
    const refused = await this.server.send({ ...written, to: left, messageId }, stopping);
    const [first] = refused;
    if (!first) return { messageId, recipients: left.length };
    // The others have it: the next attempt, or a replay, is for these alone.
    await job.updateData({ ...job.data, to: refused.map(({ address }) => address) });
    const later = refused.find(({ error }) => !error.isFinal);
    throw (later ?? first).error;
  }

  /** What was turned off while it waited is not sent any more. */
  private async stillWanted({ event, tenantId, to }: EmailMessage): Promise<string[]> {
    const now = await this.settings.read(tenantId);
    return now?.types.includes(event.type) ? to.filter((address) => now.to.includes(address)) : [];
  }
}
