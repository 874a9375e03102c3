/** Looks between two steps up. */
const AFTER = 3;
const MAX_AFTER = 48;
/** A fall so few looks after a step up is the step's fault. */
const BLAMED_FOR = 10;
const FORGIVEN_AFTER = 120;

/** When the next step up is due: later each time that one was too much, until none was for long. */
export class Climb {
  private after = AFTER;
  private sinceRise = Infinity;
  private sinceFall = 0;

  look(): void {
    this.sinceRise += 1;
    this.sinceFall += 1;
    if (this.sinceFall >= FORGIVEN_AFTER) this.after = AFTER;
  }

  /** @param looks since the last change */
  isDue(looks: number): boolean {
    return looks >= this.after;
  }

  rose(): void {
    this.sinceRise = 0;
  }

  fell(): void {
    if (this.sinceRise <= BLAMED_FOR) this.after = Math.min(MAX_AFTER, this.after * 2);
    this.sinceFall = 0;
  }
}
