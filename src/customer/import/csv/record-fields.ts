import { CR, LF } from './csv-bytes';
import type { Delimiter } from './delimiter';

/** A quoted field is followed by something else than a delimiter or the record's end. */
export class MalformedQuotes {
  /** @param field index of the field, from 0 */
  constructor(readonly field: number) {}
}

/**
 * The text of one record, without its line end.
 * @param start offset of its first byte
 * @param end offset after its line end, or the end of the bytes
 */
export function recordText(bytes: Buffer, start: number, end: number): string {
  let last = end;
  if (last > start && bytes[last - 1] === LF) last--;
  if (last > start && bytes[last - 1] === CR) last--;
  return bytes.toString('utf8', start, last);
}

/** The fields of one record whose ends the `RecordSplitter` found, unquoted and otherwise as they are. */
export function readFields(record: string, delimiter: Delimiter): string[] | MalformedQuotes {
  if (!record.includes('"')) return record.split(delimiter);

  const fields: string[] = [];
  for (let position = 0; ; position++) {
    const [field, end] = fieldAt(record, position, delimiter);
    if (field === undefined) return new MalformedQuotes(fields.length);
    fields.push(field);
    if (end === record.length) return fields;
    position = end;
  }
}

/** The same of any record: a field with text after its closing quote stays as it is written, quotes included. */
export function lenientFields(record: string, delimiter: Delimiter): string[] {
  const fields: string[] = [];
  for (let position = 0; ; position++) {
    const [field, end] = fieldAt(record, position, delimiter);
    fields.push(field ?? record.slice(position, end));
    if (end === record.length) return fields;
    position = end;
  }
}

/** The field that begins at `start`, undefined when there is text after its closing quote, and where it ends. */
function fieldAt(record: string, start: number, delimiter: Delimiter): [string | undefined, number] {
  const closing = record[start] === '"' ? closingQuote(record, start + 1) : undefined;
  const found = record.indexOf(delimiter, closing ?? start);
  const end = found === -1 ? record.length : found;
  if (closing === undefined) return [record.slice(start, end), end];
  if (end > closing + 1) return [undefined, end];
  return [record.slice(start + 1, closing).replaceAll('""', '"'), end];
}

function closingQuote(record: string, from: number): number {
  let quote = record.indexOf('"', from);
  while (record[quote + 1] === '"') quote = record.indexOf('"', quote + 2);
  return quote;
}
