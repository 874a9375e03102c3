/**
 * Gathers what many callers ask for within one turn of the event loop, and hands it on at the turn's end, together and
 * in order. A caller alone loses nothing: its turn ends at once.
 */
export class Batch<T> {
  private gathered: T[] = [];

  constructor(private readonly handOn: (items: T[]) => void) {}

  add(item: T): void {
    if (this.gathered.push(item) > 1) return;
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
