/** A moment as every view writes it; null for one that has not come. @param ms since 1970 */
export const iso = (ms: number | undefined): string | null =>
  ms === undefined ? null : new Date(ms).toISOString();
