import type { Columns } from './columns';
import type { Delimiter } from './delimiter';

/** What has to be known of a file to read its rows. JSON-safe. */
export interface CsvLayout {
  /** The header's fields as they are; empty for a file that was taken in before they were kept. */
  header: readonly string[];
  columns: Columns;
  delimiter: Delimiter;
}
