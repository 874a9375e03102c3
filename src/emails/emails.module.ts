import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import type { SinkOwner } from '../events/events.module';
import type { QueueOwner } from '../queue/queues.module';
import { EMAIL_QUEUE } from './email-jobs';
import { EmailShares } from './email-shares';
import { EmailSink } from './email.sink';
import { EmailSettingsStore } from './store/email-settings';

/** What both roles have of e-mails: the tenants' settings, and the way onto the queue. */
@Module({
  imports: [BullModule.registerQueue({ name: EMAIL_QUEUE })],
  providers: [EmailSettingsStore, EmailShares, EmailSink],
  exports: [BullModule, EmailSettingsStore, EmailSink],
})
export class EmailsModule {}

export const EMAIL_SINK: SinkOwner = { module: EmailsModule, sink: EmailSink };

/** Without a mail server nothing is queued, and nobody works on the queue. */
export const EMAIL_QUEUES: QueueOwner = {
  owner: EmailsModule,
  queues: [EMAIL_QUEUE],
  isUsed: ({ emails }) => emails.smtpUrl !== undefined,
};
