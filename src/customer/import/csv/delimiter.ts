/** What may stand between the cells of a row, the likelier first. Each is one byte of ASCII. */
export const DELIMITERS = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

export const isDelimiter = (text: string): text is Delimiter =>
  (DELIMITERS as readonly string[]).includes(text);
