/**
 * Answers by key that are as old as `forMs` at most, for `most` keys, so that what nearly every event asks for is asked of
 * Redis once in a while. Who asks while the answer is on its way gets the same one; one that failed is asked for again.
 */
export class Remembered<T> {
  private readonly answers = new Map<string, { answer: Promise<T>; untilMs: number }>();

  constructor(
    private readonly ask: (key: string) => Promise<T>,
    private readonly limits: { forMs: number; most: number },
  ) {}

  /** @throws what asking failed with */
  of(key: string, nowMs = performance.now()): Promise<T> {
    const known = this.answers.get(key);
    if (known && nowMs < known.untilMs) return known.answer;
    const asked = { answer: this.ask(key), untilMs: nowMs + this.limits.forMs };
    // Asked last is kept last, so the first one is the oldest.
    this.answers.delete(key);
    this.answers.set(key, asked);
    const [oldest] = this.answers.keys();
    if (this.answers.size > this.limits.most && oldest !== undefined) this.answers.delete(oldest);
    asked.answer.catch(() => {
      if (this.answers.get(key) === asked) this.answers.delete(key);
    });
    return asked.answer;
  }

  forget(key: string): void {
    this.answers.delete(key);
  }
}
