const MAX_LENGTH = 200;

/** What differs between two deaths of one cause: what was quoted, addresses, ids, numbers. */
const PARTICULARS = [
  /"[^"]*"|'[^']*'|`[^`]*`/g,
  /[^\s<>@]+@[^\s<>@]+/g,
  /\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi,
  /\b(?=[a-z]*\d)[0-9a-f]{8,}\b/gi,
  /\d+(?:\.\d+)*/g,
];

/** The error of a dead letter without what is its own, so that those of one cause have one text. */
export const errorGroup = (error: string): string =>
  PARTICULARS.reduce(
    (text, particular) => text.replaceAll(particular, '#'),
    error.split('\n', 1)[0] ?? '',
  ).slice(0, MAX_LENGTH);
