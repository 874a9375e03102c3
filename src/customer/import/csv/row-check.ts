import { CUSTOMER_LIMITS, isPrintable } from '../../customer.limits';
import { targetOf } from './column-mapping';
import { REQUIRED_FIELDS, type CustomerField } from './column-names';
import type { Column, Columns } from './columns';
import {
  CellProblem,
  readCents,
  readCount,
  readEmail,
  readInstant,
  readPhone,
  readTags,
  readText,
  type RowProblemCode,
} from './cells';

/** A checked row. What its cells left empty is absent. JSON-safe. */
export interface ImportedCustomer {
  name: string;
  /** In lower case. */
  email: string;
  phone?: string;
  address?: string;
  tags?: string[];
  totalSpendCents?: number;
  visits?: number;
  /** ISO 8601 in UTC. */
  lastVisit?: string;
  attributes?: Record<string, string>;
}

/** Why a row was rejected; the message never repeats a value. */
export interface RowProblem {
  /** A field, or `attributes.<key>`; absent when the row as a whole is wrong. */
  field?: string;
  code: RowProblemCode;
  message: string;
}

export type CheckedRow = { ok: true; customer: ImportedCustomer } | { ok: false; problem: RowProblem };

/** Turns the fields of one row into a customer, or names its first problem. */
export function checkRow(fields: readonly string[], columns: Columns): CheckedRow {
  if (fields.length !== columns.length) {
    return rejected('column_count', `expected ${columns.length} columns, found ${fields.length}`);
  }

  const customer: ImportedCustomer = { name: '', email: '' };
  let given = 0;
  for (const [index, column] of columns.entries()) {
    if ('ignored' in column) continue;
    const text = fields[index]?.trim() ?? '';
    if (text === '') continue;
    given++;
    const problem = fillColumn(customer, column, text);
    if (problem) return rejected(problem.code, problem.message, columnLabel(column));
  }

  if (given === 0) return rejected('empty_row', 'every column of the row is empty');
  if (customer.name === '') return rejected('required', 'name is required', 'name');
  if (customer.email === '') return rejected('required', 'email is required', 'email');
  return { ok: true, customer };
}

/** All problems of a row, by column. A required column that the file lacks is none of its rows'. */
export function rowProblems(fields: readonly string[], columns: Columns): RowProblem[] {
  const first = checkRow(fields, columns);
  if (first.ok) return [];
  if (first.problem.field === undefined) return [first.problem];
  return columns.flatMap((column, index) => {
    if ('ignored' in column) return [];
    const text = fields[index]?.trim() ?? '';
    const problem = text === '' ? missing(column) : fillColumn({ name: '', email: '' }, column, text);
    return problem ? [rejected(problem.code, problem.message, columnLabel(column)).problem] : [];
  });
}

function missing(column: FilledColumn): CellProblem | undefined {
  if (!('field' in column) || !REQUIRED_FIELDS.includes(column.field)) return undefined;
  return new CellProblem('required', `${column.field} is required`);
}

/** How problems name a column, if it is imported at all. */
export function columnLabel(column: Column | undefined): string | undefined {
  return column && (targetOf(column) ?? undefined);
}

type FilledColumn = Exclude<Column, { ignored: true }>;

function fillColumn(customer: ImportedCustomer, column: FilledColumn, text: string): CellProblem | undefined {
  if (!isPrintable(text)) {
    return new CellProblem('control_character', `${columnLabel(column)} holds a control character`);
  }
  return 'field' in column
    ? fillField(customer, column.field, text)
    : fillAttribute(customer, column.attribute, text);
}

function fillField(customer: ImportedCustomer, field: CustomerField, text: string): CellProblem | undefined {
  switch (field) {
    case 'name':
      return put(customer, 'name', readText(text, field, CUSTOMER_LIMITS.name));
    case 'email':
      return put(customer, 'email', readEmail(text));
    case 'phone':
      return put(customer, 'phone', readPhone(text));
    case 'address':
      return put(customer, 'address', readText(text, field, CUSTOMER_LIMITS.address));
    case 'tags':
      return putTags(customer, readTags(text));
    case 'totalSpend':
      return put(customer, 'totalSpendCents', readCents(text, field));
    case 'visits':
      return put(customer, 'visits', readCount(text, field, CUSTOMER_LIMITS.visits));
    case 'lastVisit':
      return put(customer, 'lastVisit', readInstant(text, field));
  }
}

function put<K extends keyof ImportedCustomer>(
  customer: ImportedCustomer,
  key: K,
  value: ImportedCustomer[K] | CellProblem,
): CellProblem | undefined {
  if (value instanceof CellProblem) return value;
  customer[key] = value;
  return undefined;
}

/** A cell of nothing but separators gives no tags. */
function putTags(customer: ImportedCustomer, tags: string[] | CellProblem): CellProblem | undefined {
  return Array.isArray(tags) && tags.length === 0 ? undefined : put(customer, 'tags', tags);
}

function fillAttribute(customer: ImportedCustomer, key: string, text: string): CellProblem | undefined {
  const value = readText(text, key, CUSTOMER_LIMITS.attributeValue);
  if (value instanceof CellProblem) return value;
  customer.attributes ??= {};
  customer.attributes[key] = value;
  return undefined;
}

function rejected(code: RowProblemCode, message: string, field?: string): { ok: false; problem: RowProblem } {
  return { ok: false, problem: field === undefined ? { code, message } : { field, code, message } };
}
