import type { BenchCase } from '../case.ts';
import { fairness } from './fairness.ts';
import { rowsPersisted } from './rows-persisted.ts';
import { singleCreate } from './single-create.ts';
import { storm } from './storm.ts';
import { uploadLatency } from './upload-latency.ts';
import { uploadsAtOnce } from './uploads-at-once.ts';
import { workerAdapts } from './worker-adapts.ts';
import { workersScale } from './workers-scale.ts';

export const CASES: readonly BenchCase[] = [
  singleCreate,
  uploadLatency,
  uploadsAtOnce,
  rowsPersisted,
  fairness,
  storm,
  workersScale,
  workerAdapts,
];
