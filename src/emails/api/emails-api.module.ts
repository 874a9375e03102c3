import { Module } from '@nestjs/common';
import { EmailsModule } from '../emails.module';
import { EmailSettingsController } from './email-settings.controller';

/** For the API: tenants choose their e-mails. */
@Module({ imports: [EmailsModule], controllers: [EmailSettingsController] })
export class EmailsApiModule {}
