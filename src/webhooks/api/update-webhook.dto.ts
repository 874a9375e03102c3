import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, ValidateIf } from 'class-validator';
import type { CustomerEventType } from '../../events/customer-events';
import { DescriptionField, TypesField, UrlField } from './webhook-fields';

const isGiven = (_: object, value: unknown): boolean => value !== undefined;

/** Only what is given changes. */
export class UpdateWebhookDto {
  @UrlField({ required: false }) url?: string;
  @TypesField() types?: CustomerEventType[];
  @DescriptionField() description?: string | null;

  @ApiProperty({
    type: Boolean,
    required: false,
    description: 'While it is false nothing is sent, and what waits is dropped.',
  })
  @IsBoolean({ message: 'expected true or false' })
  @ValidateIf(isGiven)
  enabled?: boolean;

  @ApiProperty({
    type: Boolean,
    required: false,
    description: 'Makes a new secret, which the answer shows once; the old one signs too for 24 hours.',
  })
  @IsBoolean({ message: 'expected true or false' })
  @ValidateIf(isGiven)
  rotateSecret?: boolean;
}
