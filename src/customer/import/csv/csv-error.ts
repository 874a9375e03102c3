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
  | 'bad_column_name'
  | 'unknown_column'
  | 'invalid_mapping';

/** Where the reason lies, as far as it is known: in the file, or in what was asked about it. */
export interface CsvPlace {
  /** Physical line, counted from 1. */
  line?: number;
  /** The column's own header text, or the field that no column provides. */
  column?: string;
  /** A parameter of the request. */
  parameter?: 'mapping';
}

/** The file as a whole can't be imported; the message is a sentence for the person who sent it. */
export class CsvRefused extends Error {
  override readonly name = 'CsvRefused';
  readonly line?: number;
  readonly column?: string;
  readonly parameter?: 'mapping';

  constructor(
    readonly reason: CsvRefusalReason,
    message: string,
    place: CsvPlace = {},
  ) {
    super(message);
    if (place.line !== undefined) this.line = place.line;
    if (place.column !== undefined) this.column = place.column;
    if (place.parameter !== undefined) this.parameter = place.parameter;
  }

  /** What of the request it is about, as errors name it. */
  get field(): string {
    return this.parameter ?? this.column ?? (this.line === undefined ? 'file' : `line ${this.line}`);
  }
}
