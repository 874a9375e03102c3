import { costsAt, type Model } from './model.ts';

/** The load that is called once, at its peak. */
export const ONCE = { writes: 50, rows: 10_000 / 60 };
/** A process or server that is busier than this has no room for peaks within a second. */
export const FULL = 0.6;
/** How long workers may be away while all that is accepted waits, in seconds. */
export const BACKLOG_S = 3_600;
/** The default of `QUEUE_MAX_WAITING`. */
const MAX_WAITING = 100_000;

/** What a load needs. CPU in cores of the machine that the costs were measured on. */
export interface Need {
  times: number;
  apis: number;
  workers: number;
  redisCores: number;
  mongodCores: number;
  redisConnections: number;
  /** Waiting after `BACKLOG_S` without workers. */
  backlogBytes: number;
  /** Without workers, until writes are refused for `QUEUE_MAX_WAITING`. */
  fullAfterS: number;
}

/** @returns what so many times the load needs; `Infinity` processes where more of them would not help */
export function needOf(model: Model, times: number): Need {
  const writes = ONCE.writes * times;
  const thousands = (ONCE.rows * times) / 1_000;
  const one = costsAt(model, 1);
  const eachApi = one.apiIdle + one.apiEvent * writes;
  const apis = processes(one.apiWrite * writes + one.apiUpload * thousands, eachApi);
  const workers = processes(one.workerWrite * writes + one.workerRows * thousands, one.workerIdle);
  // Each API process adds to what Redis does.
  const costs = costsAt(model, apis);
  const ofWrites = (costs.redisDoor + costs.redisPersist) * writes;
  const ofRows = (costs.redisUpload + costs.redisRows) * thousands;
  const idle = costs.redisIdleApi * apis + costs.redisIdleWorker * workers;
  return {
    ...{ times, apis, workers },
    redisCores: (ofWrites + ofRows + idle) / 1e6,
    mongodCores: (costs.mongodWrite * writes + costs.mongodRows * thousands) / 1e6,
    redisConnections: costs.redisApi * apis + costs.redisWorker * workers,
    backlogBytes: (one.waitingWrite * writes + one.waitingRows * thousands) * BACKLOG_S,
    fullAfterS: MAX_WAITING / (writes + thousands),
  };
}

/** At least two, so that one may die. Each has to do what is one's own as well. */
function processes(sharedUs: number, eachUs: number): number {
  const room = FULL * 1e6 - eachUs;
  if (room <= 0) return Infinity;
  return Math.max(2, Math.ceil(sharedUs / room));
}

/** The largest multiple of the load at which one Redis is not full. */
export function mostOfOneRedis(model: Model): number {
  let [low, high] = [1, 1_000];
  while (high / low > 1.01) {
    const middle = Math.sqrt(low * high);
    // Not a number: so many processes that none is left over for work.
    if (needOf(model, middle).redisCores <= FULL) low = middle;
    else high = middle;
  }
  return low;
}
