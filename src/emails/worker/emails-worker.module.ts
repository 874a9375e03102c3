import { Module } from '@nestjs/common';
import { EmailsModule } from '../emails.module';
import { EmailDelivery } from './email-delivery';
import { EmailProcessor } from './email.processor';
import { MailServer } from './mail-server';

/** What a worker does with e-mails. The API role never imports it. */
@Module({
  imports: [EmailsModule],
  providers: [EmailDelivery, EmailProcessor, MailServer],
  exports: [EmailProcessor],
})
export class EmailsWorkerModule {}
