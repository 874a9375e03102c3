/** Field of ours in a job's hash: when it ended, in ms since 1970. Stored in Redis: renaming it forgets. */
export const ENDED_AT_FIELD = 'endedAt';
