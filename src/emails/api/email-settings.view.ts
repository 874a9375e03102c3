import { ApiProperty } from '@nestjs/swagger';
import { EMAIL_EVENT_TYPES, type EmailEventType } from '../email-jobs';
import type { EmailSettings } from '../store/email-settings';

export class EmailSettingsView {
  @ApiProperty({
    type: Boolean,
    description: 'False where nothing is chosen, or the service sends no e-mail.',
  })
  enabled: boolean;
  @ApiProperty({ type: [String] }) to: string[];
  @ApiProperty({ type: 'array', items: { type: 'string', enum: [...EMAIL_EVENT_TYPES] } })
  types: EmailEventType[];
}

export const toEmailSettingsView = (
  settings: EmailSettings | undefined,
  canSend: boolean,
): EmailSettingsView => ({
  enabled: canSend && settings !== undefined,
  to: settings?.to ?? [],
  types: settings?.types ?? [],
});
