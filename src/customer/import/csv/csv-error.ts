/** Why a whole file was refused. Stable names: clients may branch on them. */
export type CsvRefusalReason =
  | 'empty_file'
  | 'header_only'
  | 'not_text'
  | 'unclosed_quote'
  | 'record_too_long'
  | 'malformed_header'
  | 'missing_column'
  | 'duplicate_column'
  | 'too_many_columns'
  | 'empty_column_name'
  | 'bad_column_name';

/** Where in the file the reason lies, as far as it is known. */
export interface CsvPlace {
  /** Physical line, counted from 1. */
  line?: number;
  /** The column's own header text, or the field that no column provides. */
  column?: string;
}

/** The file as a whole can't be imported; the message is a sentence for the person who sent it. */
export class CsvRefused extends Error {
  override readonly name = 'CsvRefused';
  readonly line?: number;
  readonly column?: string;

  constructor(
    readonly reason: CsvRefusalReason,
    message: string,
    place: CsvPlace = {},
  ) {
    super(message);
    if (place.line !== undefined) this.line = place.line;
    if (place.column !== undefined) this.column = place.column;
  }
}
