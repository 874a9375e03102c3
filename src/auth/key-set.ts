import type { KeyObject } from 'node:crypto';
import { KeysUnavailable } from './keys-unavailable';

export interface NamedKey {
  kid: string;
  key: KeyObject;
}

/** How old a set may be before it is asked for anew, beside what it is used for. */
const FRESH_MS = 300_000;
/** How old a set may be whose keys wait for no answer: that long a key that was withdrawn is taken. */
const TRUSTED_MS = 600_000;
/** How long a set is used while no newer one can be had: whoever checks tokens must not depend on each answer. */
const KEPT_MS = 36_000_000;
/** How long after a question that failed nobody waits for the next. */
const AWAY_MS = 60_000;
/** Least time between two questions, however many tokens name keys that we do not have. */
const PAUSE_MS = 10_000;

/**
 * The keys of an identity provider. A key that is not known makes it ask, but seldom: what a token names is anybody's
 * word, and those who have a key that is known do not wait for it. They wait where nobody asked for long, as a key that was
 * withdrawn since must not open once more.
 */
export class KeySet {
  private keys: ReadonlyMap<string, KeyObject> = new Map();
  private takenAtMs = -Infinity;
  private askedAtMs = -Infinity;
  private asking: Promise<void> | undefined;
  private failure: unknown;
  private failedAtMs = -Infinity;

  /** @param ask for the whole set @param nowMs a clock that never goes back */
  constructor(
    private readonly ask: () => Promise<readonly NamedKey[]>,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /**
   * @param kid as a token says; without one, the only key of the set is meant
   * @returns undefined when there is no such key
   * @throws KeysUnavailable when there is no set at all
   */
  async find(kid: unknown): Promise<KeyObject | undefined> {
    const known = this.lookUp(kid);
    const age = this.nowMs() - this.takenAtMs;
    if (known && age < FRESH_MS) return known;
    const refreshed = this.refresh();
    // While no newer one is to be had, an old set is as good, and its keys do not wait.
    if (known && age < (this.isAway() ? KEPT_MS : TRUSTED_MS)) return known;
    await refreshed;
    if (this.nowMs() - this.takenAtMs >= KEPT_MS) throw new KeysUnavailable(this.failure);
    return this.lookUp(kid);
  }

  private lookUp(kid: unknown): KeyObject | undefined {
    if (typeof kid === 'string') return this.keys.get(kid);
    const [only] = this.keys.values();
    return kid === undefined && this.keys.size === 1 ? only : undefined;
  }

  private isAway(): boolean {
    return this.nowMs() - this.failedAtMs < AWAY_MS;
  }

  private refresh(): Promise<void> {
    if (this.asking) return this.asking;
    if (this.nowMs() - this.askedAtMs < PAUSE_MS) return Promise.resolve();
    this.askedAtMs = this.nowMs();
    this.asking = this.take().finally(() => {
      this.asking = undefined;
    });
    return this.asking;
  }

  /** Who needs the set and has none is told why. */
  private async take(): Promise<void> {
    try {
      const keys = await this.ask();
      this.keys = new Map(keys.map(({ kid, key }) => [kid, key]));
      this.takenAtMs = this.nowMs();
    } catch (error) {
      this.failure = error;
      this.failedAtMs = this.nowMs();
    }
  }
}
