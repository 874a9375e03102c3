/**
 * Requests that go on together, where many come at once: enough to share what a message to Redis costs, and few enough
 * that Redis is at work on the first ones while the process reads the others.
 */
export const REQUESTS_AT_ONCE = 8;

/**
 * Gathers what many callers ask for within one turn of the event loop, and hands it on at the turn's end, together and
 * in order. A caller alone loses nothing: its turn ends at once.
 */
export class Batch<T> {
  private gathered: T[] = [];

  /** @param most items that are handed on at once, without waiting for the end of the turn */
  constructor(
    private readonly handOn: (items: T[]) => void,
    private readonly most = Infinity,
  ) {}

  add(item: T): void {
    const count = this.gathered.push(item);
    if (count >= this.most) this.flush();
    if (count > 1) return;
    setImmediate(() => {
      this.flush();
    });
  }

  /** Hands on now what there is. */
  flush(): void {
    if (this.gathered.length === 0) return;
    const items = this.gathered;
    this.gathered = [];
    this.handOn(items);
  }
}
