import type { Scenario } from '../scenario.ts';
import { apiKilled } from './api-killed.ts';
import { blockedLoop } from './blocked-loop.ts';
import { deliveredTwice } from './delivered-twice.ts';
import { killerJob } from './killer-job.ts';
import { lastChunk } from './last-chunk.ts';
import { mongoDown, mongoFrozen, mongoKilled } from './mongo.ts';
import { poisonJob } from './poison-job.ts';
import { redisDown, redisFrozen, redisKilled } from './redis.ts';
import { rollingDeploy } from './rolling-deploy.ts';
import { rollingRestart } from './rolling-restart.ts';
import { uploadRetried } from './upload-retried.ts';
import { workerKilled } from './worker-killed.ts';

/** In the order of the table. */
export const SCENARIOS: readonly Scenario[] = [
  workerKilled,
  rollingRestart,
  rollingDeploy,
  lastChunk,
  apiKilled,
  uploadRetried,
  redisKilled,
  redisFrozen,
  redisDown,
  mongoKilled,
  mongoFrozen,
  mongoDown,
  deliveredTwice,
  blockedLoop,
  poisonJob,
  killerJob,
];
