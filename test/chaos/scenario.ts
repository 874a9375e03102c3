import type { Stage } from './stage.ts';

/** The whole run, or the short one for a pipeline. */
export type Form = 'full' | 'short';

/** What a scenario needs of processes. */
export interface Cast {
  /** 1 unless told. */
  apis?: number;
  /** 2 unless told. */
  workers?: number;
  /** HAProxy is before the APIs; one API and one worker more are there to be started. */
  balanced?: boolean;
  /** Variables of the service beside its own. */
  env?: NodeJS.ProcessEnv;
  /** Variables of worker-faults.mjs, which is loaded into the workers when there are any. */
  faults?: { CHAOS_LOCK_MS?: string; CHAOS_TWICE?: 'true' } | undefined;
}

export interface Scenario {
  /** For `--only`. */
  name: string;
  /** What the table says, such as `Redis away for 120 s`. */
  title: (form: Form) => string;
  /** Not where even the smallest numbers take too long. */
  inShortForm: boolean;
  /** How many jobs must end as dead letters; none unless told. */
  deadLetters?: number;
  /** Pub/sub keeps nothing: an event that is published while Redis is away reaches nobody. */
  losesEvents?: boolean;
  cast?: (form: Form) => Cast;
  /** Does the harm, under load; what was accepted is compared afterwards. */
  run(stage: Stage): Promise<void>;
}
