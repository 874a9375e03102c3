import { attributeKeyProblem } from '../../attribute-key';
import { CUSTOMER_LIMITS } from '../../customer.limits';
import { NO_MAPPING, type ColumnMapping } from './column-mapping';
import {
  ATTRIBUTE_PREFIX,
  comparable,
  CUSTOMER_FIELDS,
  fieldNamed,
  REQUIRED_FIELDS,
  shown,
  type CustomerField,
} from './column-names';
import { CsvRefused } from './csv-error';
import { ownColumns } from './own-files';

/** What one column of a file fills: a field of the customer, a key of its `attributes`, or nothing. */
export type Column = { field: CustomerField } | { attribute: string } | { ignored: true };

/** One entry per column of the file, in its order. JSON-safe. */
export type Columns = Column[];

export const IGNORED: Column = { ignored: true };

/** Columns that can be imported. */
const MOST_COLUMNS = CUSTOMER_FIELDS.length + CUSTOMER_LIMITS.attributes;
/** Columns that a file can have when the others are ignored. */
const MOST_IN_FILE = 1_000;
/** Characters of a header text, whatever the column is mapped to. */
const LONGEST_NAME = 500;

/**
 * Decides what each column of a file fills: what `mapping` says, or else what its name says.
 * @param header the header's fields as they are
 * @throws CsvRefused that names the column and says what is wrong with it
 */
export function mapColumns(header: readonly string[], mapping: ColumnMapping = NO_MAPPING): Columns {
  const { columns, problems } = assignColumns(header, mapping);
  const [first] = problems;
  if (first) throw first;
  return columns;
}

/** The same, with all problems at once: a column that has one is ignored. */
export function assignColumns(
  header: readonly string[],
  mapping: ColumnMapping,
): { columns: Columns; problems: CsvRefused[] } {
  if (header.length > MOST_IN_FILE) return { columns: [], problems: [tooMany(header.length)] };

  const problems = unknownHeaders(header, mapping);
  const taken = new Map<string, { text: string; isMapped: boolean }>();
  const columns = header.map((raw, index): Column => {
    const text = raw.trim();
    const mapped = mapping.get(comparable(text));
    const column = mapped ?? columnNamed(text, index, header);
    const problem = column instanceof CsvRefused ? column : clash(taken, column, text, mapped !== undefined);
    if (problem) problems.push(problem);
    return problem || column instanceof CsvRefused ? IGNORED : column;
  });
  problems.push(...missing(columns), ...tooManyAttributes(columns));
  return { columns, problems };
}

function columnNamed(text: string, index: number, header: readonly string[]): Column | CsvRefused {
  if (index < ownColumns(header)) return IGNORED;
  if (text === '')
    return new CsvRefused('empty_column_name', `Column ${index + 1} has no name in the header.`);
  const field = fieldNamed(text);
  if (field) return { field };
  const key = text.startsWith(ATTRIBUTE_PREFIX) ? text.slice(ATTRIBUTE_PREFIX.length).trim() : text;
  const problem = attributeKeyProblem(key);
  if (problem === undefined) return { attribute: key };
  return new CsvRefused('bad_column_name', `The column name "${shown(text)}" ${problem}.`, {
    column: shown(text),
  });
}

/** What is wrong when a column fills what another one fills already. */
function clash(
  taken: Map<string, { text: string; isMapped: boolean }>,
  column: Column,
  text: string,
  isMapped: boolean,
): CsvRefused | undefined {
  if (text.length > LONGEST_NAME) {
    const message = `The column name "${shown(text)}" is longer than ${LONGEST_NAME} characters.`;
    return new CsvRefused('bad_column_name', message, { column: shown(text) });
  }
  if ('ignored' in column) return undefined;
  const target = 'field' in column ? `field ${column.field}` : `attribute ${comparable(column.attribute)}`;
  const earlier = taken.get(target);
  if (!earlier) {
    taken.set(target, { text, isMapped });
    return undefined;
  }
  const both = `The columns "${shown(earlier.text)}" and "${shown(text)}"`;
  if ((!isMapped && !earlier.isMapped) || comparable(text) === comparable(earlier.text))
    return new CsvRefused('duplicate_column', `${both} are the same.`, { column: shown(text) });
  const name = 'field' in column ? column.field : `attributes.${column.attribute}`;
  return new CsvRefused('duplicate_column', `${both} are both mapped to "${name}".`, {
    parameter: 'mapping',
  });
}

function unknownHeaders(header: readonly string[], mapping: ColumnMapping): CsvRefused[] {
  const present = new Set(header.map(comparable));
  return [...mapping.keys()]
    .filter((name) => !present.has(name))
    .map(
      (name) =>
        new CsvRefused('unknown_column', `The file has no column "${shown(name)}".`, {
          parameter: 'mapping',
        }),
    );
}

function missing(columns: Columns): CsvRefused[] {
  const present = new Set(columns.map((column) => ('field' in column ? column.field : undefined)));
  return REQUIRED_FIELDS.filter((field) => !present.has(field)).map(
    (field) =>
      new CsvRefused('missing_column', `The column "${field}" is missing; "mapping" can name another one.`, {
        column: field,
      }),
  );
}

const tooMany = (columns: number): CsvRefused =>
  new CsvRefused(
    'too_many_columns',
    `The file has ${columns} columns; at most ${MOST_COLUMNS} can be imported.`,
  );

function tooManyAttributes(columns: Columns): CsvRefused[] {
  const attributes = columns.filter((column) => 'attribute' in column).length;
  if (attributes <= CUSTOMER_LIMITS.attributes) return [];
  return [
    new CsvRefused(
      'too_many_columns',
      `The file has ${attributes} columns of its own; at most ${CUSTOMER_LIMITS.attributes} can be kept as attributes.`,
    ),
  ];
}
