const AMOUNT = /^(\d{1,13})(?:\.(\d{1,2}))?$/;

/** Reads a decimal of at most two places into cents, digit by digit: no floating point. undefined when it is none. */
export function toCents(amount: string | number): number | undefined {
  const [, whole, fraction = ''] = AMOUNT.exec(String(amount)) ?? [];
  return whole === undefined ? undefined : Number(whole) * 100 + Number(fraction.padEnd(2, '0'));
}

/** Cents as a decimal with two places: exact, so a text. */
export function fromCents(cents: number): string {
  const digits = String(cents).padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
