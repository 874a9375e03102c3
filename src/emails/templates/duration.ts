import { parse, validate, version } from 'uuid';

/** When an id of ours was made, in ms since 1970; undefined for an id that does not say. */
export function madeAtMs(id: string): number | undefined {
  if (!validate(id) || version(id) !== 7) return undefined;
  return Buffer.from(parse(id)).readUIntBE(0, 6);
}

/** In words, to the second; below ten seconds to the tenth. */
export function inWords(ms: number): string {
  if (ms < 10_000) return `${Math.max(0, ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return [hours > 0 && `${hours} h`, (hours > 0 || minutes > 0) && `${minutes} min`, `${seconds % 60} s`]
    .filter((part) => part !== false)
    .join(' ');
}
