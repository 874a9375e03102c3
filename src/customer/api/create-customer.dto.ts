import type { AttributeValue } from '../customer.schema';
import {
  AddressField,
  AttributesField,
  EmailField,
  NameField,
  PhoneField,
  TagsField,
} from './customer-fields';

export class CreateCustomerDto {
  @NameField() name: string;
  @EmailField() email: string;
  @PhoneField({ optional: true }) phone?: string;
  @AddressField({ optional: true }) address?: string;
  @TagsField({ optional: true }) tags?: string[];
  @AttributesField({ optional: true }) attributes?: Record<string, AttributeValue>;
}
