import { InjectQueue } from '@nestjs/bullmq';
import { Inject, Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { Environment } from '../config/environment';
import type { CloudEvent } from '../events/customer-events';
import type { EventSink } from '../events/event-sink';
import { LOGGER, type Logger } from '../logging/logger';
import { versioned } from '../queue/job-versions';
import {
  EMAIL_JOB_OPTIONS,
  EMAIL_JOB_VERSIONS,
  EMAIL_QUEUE,
  emailId,
  isEmailEvent,
  SEND_EMAIL,
  type EmailMessage,
} from './email-jobs';
import { EmailShares } from './email-shares';
import { EmailSettingsStore, type EmailSettings } from './store/email-settings';
import { Remembered } from '../timing/remembered';

/** How late an event may find settings that were changed; and of how many tenants they are kept. */
const REMEMBERED = { forMs: 2_000, most: 10_000 };

/** Queues an e-mail for each event that its tenant wants one of. Without a mail server it does nothing. */
@Injectable()
export class EmailSink implements EventSink {
  private readonly settings: Remembered<EmailSettings | undefined>;

  constructor(
    @InjectQueue(EMAIL_QUEUE) private readonly queue: Queue<EmailMessage>,
    store: EmailSettingsStore,
    private readonly shares: EmailShares,
    private readonly environment: Environment,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.settings = new Remembered((tenantId) => store.read(tenantId), REMEMBERED);
  }

  async take(event: CloudEvent): Promise<void> {
    if (this.environment.emails.smtpUrl === undefined || !isEmailEvent(event)) return;
    const { tenantid: tenantId, requestid: requestId, type } = event;
    const wanted = await this.settings.of(tenantId);
    if (!wanted?.types.includes(type)) return;
    const place = await this.shares.take(event);
    if (place.kind === 'full') this.logger.warn({ tenantId, requestId, type }, 'No room for an e-mail');
    if (place.kind !== 'new') return;
    const message: EmailMessage = { tenantId, requestId, to: wanted.to, event };
    await this.queue.add(SEND_EMAIL, versioned(message, EMAIL_JOB_VERSIONS[SEND_EMAIL]), {
      ...EMAIL_JOB_OPTIONS,
      jobId: emailId(event),
      // Every tenant's first e-mail of the hour goes before any tenant's second.
      priority: place.number,
    });
  }
}
