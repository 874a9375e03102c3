/**
 * Of one queue, by job name: the step of its contract that a worker must know to do the job right. The first step is 1.
 * When and how to raise one is said in docs/operations.md.
 */
export type JobVersions<N extends string = string> = Readonly<Record<N, number>>;

const FIRST = 1;

/** Stored in Redis. A payload without it is of the first step. */
const FIELD = 'jobVersion';

/** @returns the payload as it is queued, with the step that its worker must know */
export const versioned = <P extends object>(payload: P, version: number): P =>
  version === FIRST ? payload : { ...payload, [FIELD]: version };

/** Of whatever was stored; what has no number has the first one. */
export function versionOf(data: unknown): number {
  if (typeof data !== 'object' || data === null || !(FIELD in data)) return FIRST;
  return typeof data[FIELD] === 'number' ? data[FIELD] : FIRST;
}

/** The last step that this build knows. */
export const newestOf = (versions: JobVersions): number => Math.max(FIRST, ...Object.values(versions));
