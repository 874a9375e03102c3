/** Work that may run side by side, or alone. Who waits to be alone goes before those who come later. */
export class SoloLock {
  private readonly sharing = new Set<Promise<unknown>>();
  /** The last in the line of those who want to be alone. */
  private lastAlone: Promise<unknown> = Promise.resolve();
  private waiting = 0;

  async share<T>(work: () => Promise<T>): Promise<T> {
    while (this.waiting > 0) await this.lastAlone;
    const running = work();
    const ended = running.then(
      () => undefined,
      () => undefined,
    );
    this.sharing.add(ended);
    try {
      return await running;
    } finally {
      this.sharing.delete(ended);
    }
  }

  async alone<T>(work: () => Promise<T>): Promise<T> {
    this.waiting += 1;
    const running = this.lastAlone.then(() => Promise.all(this.sharing)).then(work);
    this.lastAlone = running.then(
      () => undefined,
      () => undefined,
    );
    try {
      return await running;
    } finally {
      this.waiting -= 1;
    }
  }
}
