import type { AttributeValue } from '../customer.schema';
import {
  AddressField,
  AttributesField,
  EmailField,
  NameField,
  PhoneField,
  TagsField,
} from './customer-fields';

const REMOVABLE = { optional: true, nullable: true };

/** Only what is given changes; `null` removes a field, or one key of `attributes`. */
export class UpdateCustomerDto {
  @NameField({ optional: true }) name?: string;
  @EmailField({ optional: true }) email?: string;
  @PhoneField(REMOVABLE) phone?: string | null;
  @AddressField(REMOVABLE) address?: string | null;
  @TagsField(REMOVABLE) tags?: string[] | null;
  @AttributesField(REMOVABLE) attributes?: Record<string, AttributeValue | null> | null;
}
