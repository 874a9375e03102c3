import { CR, LF } from './csv-bytes';

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
export function readFields(record: string): string[] | MalformedQuotes {
  if (!record.includes('"')) return record.split(',');

  const fields: string[] = [];
  let position = 0;
  for (;;) {
    if (record[position] === '"') {
      const closing = closingQuote(record, position + 1);
      const next = record[closing + 1];
      if (next !== undefined && next !== ',') return new MalformedQuotes(fields.length);
      fields.push(record.slice(position + 1, closing).replaceAll('""', '"'));
      position = closing + 1;
    } else {
      const delimiter = record.indexOf(',', position);
      const end = delimiter === -1 ? record.length : delimiter;
      fields.push(record.slice(position, end));
      position = end;
    }
    if (position === record.length) return fields;
    position++;
  }
}

function closingQuote(record: string, from: number): number {
  let quote = record.indexOf('"', from);
  while (record[quote + 1] === '"') quote = record.indexOf('"', quote + 2);
  return quote;
}
