const DATE_TIME =
  /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?:[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:[.,](\d{1,9}))?)?(?:Z|([+-])([01]\d|2[0-3]):?([0-5]\d)?)?)?$/i;

/**
 * An ISO 8601 calendar date, or date and time, as an instant in UTC; midnight and UTC where the text says neither.
 * undefined when it is none, or a day that no month has.
 */
export function toInstant(text: string): string | undefined {
  const match = DATE_TIME.exec(text);
  if (!match) return undefined;
  const [, year = '', month = '', day = '', hour = '00', minute = '00', second = '00', fraction = ''] = match;
  if (Number(day) > daysInMonth(Number(year), Number(month))) return undefined;
  const utc = `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}Z`;
  const [, , , , , , , , sign, offsetHours, offsetMinutes = '0'] = match;
  const instant = sign ? shifted(utc, sign, Number(offsetHours) * 60 + Number(offsetMinutes)) : utc;
  // Years outside 0000 to 9999 are written with a sign.
  return /^\d/.test(instant) ? instant : undefined;
}

function daysInMonth(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
}

/** A local time, written as if it were UTC, as UTC. */
function shifted(local: string, sign: string, offsetMinutes: number): string {
  const east = sign === '-' ? -offsetMinutes : offsetMinutes;
  return new Date(Date.parse(local) - east * 60_000).toISOString();
}
