import { CUSTOMER_LIMITS } from '../../customer.limits';

/** Fields of a customer that a column can fill. */
export const CUSTOMER_FIELDS = [
  'name',
  'email',
  'phone',
  'address',
  'tags',
  'totalSpend',
  'visits',
  'lastVisit',
] as const;
export type CustomerField = (typeof CUSTOMER_FIELDS)[number];

export const REQUIRED_FIELDS: readonly CustomerField[] = ['name', 'email'];

/** Before the key of an attribute, where it could be taken for something else. */
export const ATTRIBUTE_PREFIX = 'attributes.';

/** A header text as it is compared: case and white space say nothing. */
export const comparable = (text: string): string => text.toLowerCase().replaceAll(/\s/g, '');

const KNOWN: ReadonlyMap<string, CustomerField> = new Map([
  ...CUSTOMER_FIELDS.map((field) => [field.toLowerCase(), field] as const),
  ['total_spend', 'totalSpend'],
  ['last_visit', 'lastVisit'],
]);

/** The field that a column fills for its name alone. */
export const fieldNamed = (text: string): CustomerField | undefined => KNOWN.get(comparable(text));

/** A header text short enough for a message. */
export function shown(text: string): string {
  return text.length <= CUSTOMER_LIMITS.attributeKey
    ? text
    : `${text.slice(0, CUSTOMER_LIMITS.attributeKey)}…`;
}
