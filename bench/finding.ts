/** One bar of the table: a figure of each round, and what it should be. */
export interface Finding {
  what: string;
  comparedWith: string;
  /** Ours against theirs, one per round; or our own figure where it stands alone. */
  values: readonly number[];
  bar: { atLeast: number } | { atMost: number };
  /** Written after each value. */
  unit: string;
  /** What the figure is made of. */
  details: string;
}

/** What is true of most rounds counts. */
export function isMet({ bar }: Finding, value: number): boolean {
  return 'atLeast' in bar ? value >= bar.atLeast : value <= bar.atMost;
}
