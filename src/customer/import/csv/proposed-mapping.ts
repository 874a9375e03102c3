import { attributeKeyProblem } from '../../attribute-key';
import type { ColumnMapping } from './column-mapping';
import { comparable, fieldNamed, type CustomerField } from './column-names';
import { IGNORED } from './columns';

/** Other names that people give these columns, without what stands between words. */
const OTHER_NAMES: Record<CustomerField, readonly string[]> = {
  name: ['fullname', 'customername', 'customer', 'displayname', 'contactname', 'contact', 'clientname'],
  email: ['emailaddress', 'mail', 'mailaddress', 'primaryemail', 'contactemail', 'customeremail'],
  phone: [
    ...['phonenumber', 'telephone', 'telephonenumber', 'tel', 'mobile', 'mobilephone', 'mobilenumber'],
    ...['cell', 'cellphone', 'primaryphone'],
  ],
  address: ['street', 'streetaddress', 'postaladdress', 'mailingaddress', 'fulladdress', 'address1'],
  tags: ['tag', 'labels', 'label', 'categories', 'segments'],
  totalSpend: ['totalspent', 'spend', 'spent', 'amountspent', 'lifetimevalue', 'lifetimespend', 'revenue'],
  visits: ['visitcount', 'numberofvisits', 'totalvisits'],
  lastVisit: ['lastvisitdate', 'lastvisited', 'lastvisitat', 'lastseen'],
};

const MEANT: ReadonlyMap<string, CustomerField> = new Map(
  Object.entries(OTHER_NAMES).flatMap(([field, names]) =>
    names.map((name) => [name, field as CustomerField] as const),
  ),
);

/** The field that a column seems to be meant for: an upload takes it for that only when it is told so. */
export function fieldMeant(text: string): CustomerField | undefined {
  const letters = text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
  return fieldNamed(letters) ?? MEANT.get(letters);
}

/**
 * `mapping`, and what to make of columns that it does not name: the first that seems to be meant for a field is, and one
 * that can't be kept is ignored.
 */
export function proposeMapping(header: readonly string[], mapping: ColumnMapping): ColumnMapping {
  const proposed = new Map(mapping);
  const taken = new Set<CustomerField | undefined>();
  for (const column of mapping.values()) if ('field' in column) taken.add(column.field);
  for (const meantBy of [fieldNamed, fieldMeant]) {
    for (const text of header) {
      const field = meantBy(text);
      if (field === undefined || taken.has(field) || proposed.has(comparable(text))) continue;
      taken.add(field);
      proposed.set(comparable(text), { field });
    }
  }
  for (const text of header) {
    const isUnusable = attributeKeyProblem(text.trim()) !== undefined;
    if (isUnusable && !proposed.has(comparable(text))) proposed.set(comparable(text), IGNORED);
  }
  return proposed;
}
