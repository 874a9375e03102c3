/** How long a Redis that let a count wait is not asked for another, in ms. */
const SILENCE_MS = 1_000;

/** That Redis hangs: what one count has found out, the next one of the same request need not wait for. */
export class RedisSilence {
  private until = 0;

  begin(): void {
    this.until = performance.now() + SILENCE_MS;
  }

  lasts(): boolean {
    return performance.now() < this.until;
  }
}
