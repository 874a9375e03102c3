/** The bytes that give a CSV file its structure, beside its delimiter. All are ASCII, so none occurs inside a UTF-8 sequence. */
export const LF = 0x0a;
export const CR = 0x0d;
export const QUOTE = 0x22;
