import { InjectQueue } from '@nestjs/bullmq';
import { Inject, Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { Environment } from '../config/environment';
import type { CloudEvent } from '../events/customer-events';
import type { EventSink } from '../events/event-sink';
import { LOGGER, type Logger } from '../logging/logger';
import {
  EMAIL_JOB_OPTIONS,
  EMAIL_QUEUE,
  emailId,
  isEmailEvent,
  SEND_EMAIL,
  type EmailMessage,
} from './email-jobs';
import { EmailShares } from './email-shares';
import { KnownSettings } from './store/known-settings';

/** Queues an e-mail for each event that its tenant wants one of. Without a mail server it does nothing. */
@Injectable()
export class EmailSink implements EventSink {
  constructor(
    @InjectQueue(EMAIL_QUEUE) private readonly queue: Queue<EmailMessage>,
    private readonly settings: KnownSettings,
    private readonly shares: EmailShares,
    private readonly environment: Environment,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async take(event: CloudEvent): Promise<void> {
    if (this.environment.emails.smtpUrl === undefined || !isEmailEvent(event)) return;
    const { tenantid: tenantId, requestid: requestId, type } = event;
    const wanted = await this.settings.of(tenantId);
    if (!wanted?.types.includes(type)) return;
    const place = await this.shares.take(event);
    if (place.kind === 'full') this.logger.warn({ tenantId, requestId, type }, 'No room for an e-mail');
    if (place.kind !== 'new') return;
    const message: EmailMessage = { tenantId, requestId, to: wanted.to, event };
    await this.queue.add(SEND_EMAIL, message, {
      ...EMAIL_JOB_OPTIONS,
      jobId: emailId(event),
      // Every tenant's first e-mail of the hour goes before any tenant's second.
      priority: place.number,
    });
  }
}
