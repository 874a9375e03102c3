/** Sizes that bound the memory of one intake. */
export interface CsvLimits {
  /**
   * Longest record, line end included. Above 1 MiB on purpose: a row with one absurd cell is then a bad row that
   * stops no other, while a file that is one endless line is still refused early.
   */
  maxRecordBytes: number;
  rowsPerChunk: number;
  /** A chunk holds more only when its single record does. */
  maxChunkBytes: number;
}

export const CSV_LIMITS: Readonly<CsvLimits> = {
  maxRecordBytes: 2 * 1024 * 1024,
  rowsPerChunk: 1000,
  maxChunkBytes: 1024 * 1024,
};
