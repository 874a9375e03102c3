import type { WriteTimes } from './worker-sample';

/** Looks after which it is known what is usual for a kind of write. */
const KNOWN_AFTER = 3;
/** Looks over which it is the mean. */
const LEARNED_AFTER = 10;
/** What a look counts from then on: a database that got faster is soon the usual one, a slower one in minutes. */
const FASTER = 0.1;
const SLOWER = 1 / 300;
/** Of the last looks, for what is to be the usual one at once. */
const RECENT = 0.5;
/** Far more than there are: the code knows its commands and collections. */
const MAX_KINDS = 500;

interface Kind {
  looks: number;
  usualMs: number;
  recentMs: number;
  /** Since the last look. */
  tookMs: number;
  longestMs: number;
  count: number;
}

/** What writes take, against what those of the same kind usually take: a thousand rows are no slow single one. */
export class UsualWrites {
  private readonly kinds = new Map<string, Kind>();

  add(name: string, tookMs: number): void {
    const kind = this.kinds.get(name) ?? this.make(name);
    if (!kind) return;
    kind.tookMs += tookMs;
    kind.longestMs = Math.max(kind.longestMs, tookMs);
    kind.count += 1;
  }

  /**
   * @param isUsual whether what was seen since the last look may pass for usual
   * @returns undefined when nothing came back of which it is known
   */
  look(isUsual: boolean): WriteTimes | undefined {
    const times = { tookMs: 0, usualMs: 0, count: 0, longestMs: 0 };
    for (const kind of this.kinds.values()) {
      if (kind.count === 0) continue;
      if (kind.looks >= KNOWN_AFTER) {
        times.tookMs += kind.tookMs;
        times.usualMs += kind.usualMs * kind.count;
        times.count += kind.count;
        times.longestMs = Math.max(times.longestMs, kind.longestMs);
      }
      this.learn(kind, isUsual);
      clear(kind);
    }
    return times.usualMs > 0 ? times : undefined;
  }

  /** Forgets what came back since the last look: it tells of an outage. */
  skip(): void {
    for (const kind of this.kinds.values()) clear(kind);
  }

  /** What writes took in the last looks is what is usual from now on. */
  accept(): void {
    for (const kind of this.kinds.values()) if (kind.looks > 0) kind.usualMs = kind.recentMs;
  }

  private make(name: string): Kind | undefined {
    if (this.kinds.size >= MAX_KINDS) return undefined;
    const kind = { looks: 0, usualMs: 0, recentMs: 0, tookMs: 0, longestMs: 0, count: 0 };
    this.kinds.set(name, kind);
    return kind;
  }

  /** By ratios: ten times as slow weighs as much as ten times as fast. */
  private learn(kind: Kind, isUsual: boolean): void {
    // A write that took no time that could be measured took some.
    const meanMs = Math.max(kind.tookMs / kind.count, 0.001);
    kind.recentMs = kind.recentMs === 0 ? meanMs : towards(kind.recentMs, meanMs, RECENT);
    if (!isUsual) return;
    kind.looks += 1;
    if (kind.looks === 1) kind.usualMs = meanMs;
    else if (kind.looks <= LEARNED_AFTER) kind.usualMs = towards(kind.usualMs, meanMs, 1 / kind.looks);
    else kind.usualMs = towards(kind.usualMs, meanMs, meanMs < kind.usualMs ? FASTER : SLOWER);
  }
}

function clear(kind: Kind): void {
  kind.tookMs = 0;
  kind.longestMs = 0;
  kind.count = 0;
}

const towards = (from: number, to: number, share: number): number => from * (to / from) ** share;
