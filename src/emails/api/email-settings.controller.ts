import { Body, Controller, Delete, Get, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Caller } from '../../auth/access';
import type { Principal } from '../../auth/principal';
import { Environment } from '../../config/environment';
import { ApiDone, ApiRead } from '../../http/api-answers';
import { envelope, type Envelope } from '../../http/envelope';
import { orUnavailable } from '../../queue/queue-unavailable';
import { EmailSettingsStore } from '../store/email-settings';
import { EmailSettingsDto } from './email-settings.dto';
import { EmailSettingsView, toEmailSettingsView } from './email-settings.view';
import { EmailsOff } from './emails-off';

/** What a tenant is sent e-mails of, and to whom. A change is in force within 2 s. */
@ApiTags('notifications')
@Controller('api/notifications/email')
export class EmailSettingsController {
  constructor(
    private readonly settings: EmailSettingsStore,
    private readonly environment: Environment,
  ) {}

  @Get()
  @ApiRead(EmailSettingsView, 'Tells what is sent by e-mail, and to whom')
  async read(@Caller() { tenantId }: Principal): Promise<Envelope<EmailSettingsView>> {
    const settings = await orUnavailable(this.settings.read(tenantId));
    return envelope('E-mail notifications', toEmailSettingsView(settings, this.canSend));
  }

  @Put()
  @ApiDone(EmailSettingsView, 'Chooses what is sent by e-mail, and to whom', 409, 413, 415)
  async choose(
    @Body() { to, types }: EmailSettingsDto,
    @Caller() { tenantId }: Principal,
  ): Promise<Envelope<EmailSettingsView>> {
    if (!this.canSend) throw new EmailsOff();
    await orUnavailable(this.settings.write(tenantId, { to, types }));
    return envelope('E-mail notifications are on.', toEmailSettingsView({ to, types }, true));
  }

  @Delete()
  @ApiDone(EmailSettingsView, 'Turns e-mails off, also those that wait to be sent')
  async turnOff(@Caller() { tenantId }: Principal): Promise<Envelope<EmailSettingsView>> {
    await orUnavailable(this.settings.remove(tenantId));
    return envelope('E-mail notifications are off.', toEmailSettingsView(undefined, this.canSend));
  }

  private get canSend(): boolean {
    return this.environment.emails.smtpUrl !== undefined;
  }
}
