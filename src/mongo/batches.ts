interface Batch<Item, Result> {
  items: Item[];
  results: Promise<Result[]>;
}

/**
 * Writes together what arrives together. Of each key at most one write is under way; what comes meanwhile goes in the
 * next one, so nothing waits for a timer, and a batch is as large as the load makes it.
 */
export class Batches<Item, Result> {
  private readonly running = new Map<string, Promise<unknown>>();
  private readonly gathering = new Map<string, Batch<Item, Result>>();

  /** @param write resolves with a result per item, in their order; when it fails, it fails for all of them */
  constructor(private readonly write: (key: string, items: Item[]) => Promise<Result[]>) {}

  async add(key: string, item: Item): Promise<Result> {
    const batch = this.gathering.get(key) ?? this.open(key);
    const place = batch.items.push(item) - 1;
    return (await batch.results)[place] as Result;
  }

  private open(key: string): Batch<Item, Result> {
    const items: Item[] = [];
    const before = this.running.get(key) ?? Promise.resolve();
    const results = before.then(() => {
      this.gathering.delete(key);
      return this.write(key, items);
    });
    // Each caller is told of a failure; the next write is not kept from trying.
    const ended = results.then(
      () => undefined,
      () => undefined,
    );
    this.running.set(key, ended);
    void ended.then(() => {
      if (this.running.get(key) === ended) this.running.delete(key);
    });
    const batch = { items, results };
    this.gathering.set(key, batch);
    return batch;
  }
}
