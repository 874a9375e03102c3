const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/** What is not known. */
const NOTHING = '–';

export const count = (value: number): string => whole.format(value);

/** Per second. */
export const rate = (value: number): string => (value < 10 ? tenth.format(value) : whole.format(value));

export function duration(ms: number | null): string {
  if (ms === null) return NOTHING;
  if (ms < 1_000) return `${whole.format(ms)} ms`;
  if (ms < 60_000) return `${tenth.format(ms / 1_000)} s`;
  if (ms < 3_600_000) return `${whole.format(ms / 60_000)} min`;
  if (ms < 86_400_000) return `${tenth.format(ms / 3_600_000)} h`;
  return `${tenth.format(ms / 86_400_000)} d`;
}

export function bytes(value: number | null): string {
  if (value === null) return NOTHING;
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, value)) / 3));
  return `${tenth.format(value / 1000 ** power)} ${units[power] ?? ''}`;
}

/** @param iso ISO 8601 */
export const time = (iso: string | null): string =>
  iso === null
    ? NOTHING
    : new Date(iso).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

/** @param atMs ms since 1970 */
export const ago = (atMs: number): string => `${duration(Math.max(0, Date.now() - atMs))} ago`;
