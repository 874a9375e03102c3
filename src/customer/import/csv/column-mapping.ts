import { attributeKeyProblem } from '../../attribute-key';
import { ATTRIBUTE_PREFIX, comparable, CUSTOMER_FIELDS, shown, type CustomerField } from './column-names';
import type { Column } from './columns';
import { CsvRefused } from './csv-error';

/** What columns of a file fill, by their comparable header text; the others are told by their names. */
export type ColumnMapping = ReadonlyMap<string, Column>;

export const NO_MAPPING: ColumnMapping = new Map();

const IGNORE = 'ignore';

/**
 * Reads the query parameter `mapping`: a JSON object from header text to field.
 * @throws CsvRefused that says what is wrong with it
 */
export function parseMapping(json: string | undefined): ColumnMapping {
  if (json === undefined) return NO_MAPPING;
  const mapping = new Map<string, Column>();
  for (const [text, target] of Object.entries(parseObject(json))) {
    const name = comparable(text);
    if (mapping.has(name)) throw refusal(`The column "${shown(text)}" is in it twice.`);
    mapping.set(name, toColumn(text, target));
  }
  return mapping;
}

/** The inverse of what `parseMapping` reads of one column. */
export function targetOf(column: Column): string | null {
  if ('ignored' in column) return null;
  return 'field' in column ? column.field : `${ATTRIBUTE_PREFIX}${column.attribute}`;
}

function parseObject(json: string): object {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Said below: what is no JSON and what is no object are the same mistake.
  }
  throw refusal('Expected a JSON object from header to field, such as {"E-mail":"email"}.');
}

function toColumn(text: string, target: unknown): Column {
  if (target === null || target === IGNORE) return { ignored: true };
  if (isField(target)) return { field: target };
  if (typeof target !== 'string' || !target.startsWith(ATTRIBUTE_PREFIX)) {
    const fields = [...CUSTOMER_FIELDS, `${ATTRIBUTE_PREFIX}<key>`].join(', ');
    throw refusal(`The column "${shown(text)}" can be mapped to ${fields}, or null, which ignores it.`);
  }
  const attribute = target.slice(ATTRIBUTE_PREFIX.length).trim();
  const problem = attributeKeyProblem(attribute);
  if (problem !== undefined) throw refusal(`The attribute of the column "${shown(text)}" ${problem}.`);
  return { attribute };
}

const isField = (target: unknown): target is CustomerField =>
  (CUSTOMER_FIELDS as readonly unknown[]).includes(target);

const refusal = (message: string): CsvRefused =>
  new CsvRefused('invalid_mapping', message, { parameter: 'mapping' });
