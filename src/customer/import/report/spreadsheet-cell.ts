/** A letter, as a class of a pattern, with which a spreadsheet may begin a formula; or skip, before it begins one. */
export const FORMULA_START = String.raw`[=+\-@＝＋－＠\t\r\n]`;
/** What a spreadsheet takes for a formula, and what already has the mark before such text. */
const FORMULA = new RegExp(`^'*${FORMULA_START}`);

/**
 * A cell of a CSV that is safe to open in a spreadsheet, and reversible: text that would be a formula gets one `'` in
 * front, as does text that looks as if it had got one.
 */
export function toCell(text: string, delimiter: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  const mustQuote = safe.includes(delimiter) || /["\r\n]|^\s|\s$/.test(safe);
  return mustQuote ? `"${safe.replaceAll('"', '""')}"` : safe;
}
