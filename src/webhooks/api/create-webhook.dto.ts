import type { CustomerEventType } from '../../events/customer-events';
import { DescriptionField, TypesField, UrlField } from './webhook-fields';

export class CreateWebhookDto {
  @UrlField({ required: true }) url: string;
  @TypesField() types?: CustomerEventType[];
  @DescriptionField() description?: string | null;
}
