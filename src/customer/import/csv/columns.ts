import { attributeKeyProblem } from '../../attribute-key';
import { CUSTOMER_LIMITS } from '../../customer.limits';
import { CsvRefused } from './csv-error';

/** What a known column fills. */
export type CustomerField =
  'name' | 'email' | 'phone' | 'address' | 'tags' | 'totalSpend' | 'visits' | 'lastVisit';

/** What one column of a file fills: a field of the customer, or a key of its `attributes`. */
export type Column = { field: CustomerField } | { attribute: string };

/** One entry per column of the file, in its order. JSON-safe. */
export type Columns = Column[];

/** By header text in lower case and without white space. */
const KNOWN: ReadonlyMap<string, CustomerField> = new Map([
  ['name', 'name'],
  ['email', 'email'],
  ['phone', 'phone'],
  ['address', 'address'],
  ['tags', 'tags'],
  ['totalspend', 'totalSpend'],
  ['total_spend', 'totalSpend'],
  ['visits', 'visits'],
  ['lastvisit', 'lastVisit'],
  ['last_visit', 'lastVisit'],
]);
const REQUIRED: readonly CustomerField[] = ['name', 'email'];
const MOST_COLUMNS = new Set(KNOWN.values()).size + CUSTOMER_LIMITS.attributes;

/**
 * Decides what each column of a file fills.
 * @param header the header's fields as they are
 * @throws CsvRefused that names the column and says what is wrong with it
 */
export function mapColumns(header: readonly string[]): Columns {
  if (header.length > MOST_COLUMNS) {
    throw new CsvRefused(
      'too_many_columns',
      `The file has ${header.length} columns; at most ${MOST_COLUMNS} can be imported.`,
    );
  }

  const seen = new Map<string, string>();
  const columns = header.map((raw, index): Column => {
    const text = raw.trim();
    if (text === '')
      throw new CsvRefused('empty_column_name', `Column ${index + 1} has no name in the header.`);

    const normalised = text.toLowerCase().replaceAll(/\s/g, '');
    const field = KNOWN.get(normalised);
    const target = field ?? normalised;
    refuseDuplicate(seen, target, text);
    return field ? { field } : { attribute: attributeKey(text) };
  });

  requireColumns(columns, header);
  const attributes = columns.filter((column) => 'attribute' in column).length;
  if (attributes > CUSTOMER_LIMITS.attributes) {
    throw new CsvRefused(
      'too_many_columns',
      `The file has ${attributes} columns of its own; at most ${CUSTOMER_LIMITS.attributes} can be kept as attributes.`,
    );
  }
  return columns;
}

function refuseDuplicate(seen: Map<string, string>, target: string, text: string): void {
  const earlier = seen.get(target);
  if (earlier !== undefined) {
    throw new CsvRefused(
      'duplicate_column',
      `The columns "${shown(earlier)}" and "${shown(text)}" are the same.`,
      {
        column: shown(text),
      },
    );
  }
  seen.set(target, text);
}

function attributeKey(text: string): string {
  const problem = attributeKeyProblem(text);
  if (problem === undefined) return text;
  throw new CsvRefused('bad_column_name', `The column name "${shown(text)}" ${problem}.`, {
    column: shown(text),
  });
}

function requireColumns(columns: Columns, header: readonly string[]): void {
  const present = new Set(columns.map((column) => ('field' in column ? column.field : undefined)));
  const missing = REQUIRED.find((field) => !present.has(field));
  if (missing === undefined) return;
  const [only = ''] = header;
  const hint = header.length === 1 && /[;\t|]/.test(only) ? ' Columns must be separated by commas.' : '';
  throw new CsvRefused('missing_column', `The column "${missing}" is missing.${hint}`, { column: missing });
}

/** A header text short enough for a message. */
function shown(text: string): string {
  return text.length <= CUSTOMER_LIMITS.attributeKey
    ? text
    : `${text.slice(0, CUSTOMER_LIMITS.attributeKey)}…`;
}
