import { Injectable } from '@nestjs/common';

/** Says what is wrong in a way that only a restart mends, if anything is. */
export type LiveCheck = () => string | undefined;

/** Whether this process can go on, or must be restarted. Servers that are away are no reason: readiness tells of them. */
@Injectable()
export class Liveness {
  private readonly checks: LiveCheck[] = [];

  watch(check: LiveCheck): void {
    this.checks.push(check);
  }

  /** Of another application of this process, which nobody asks: from now on it counts here too. */
  include(companion: Liveness): void {
    this.watch(() => companion.problem());
  }

  /** @returns undefined while all is well */
  problem(): string | undefined {
    for (const check of this.checks) {
      const problem = check();
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
}
