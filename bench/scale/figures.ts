/** What a unit of work costs: CPU in µs, or bytes, or a number of connections. */
export const FIGURES = {
  apiIdle: { what: 'API process, idle, its own CPU', unit: 'µs/s' },
  workerIdle: { what: 'worker process, idle, its own CPU', unit: 'µs/s' },
  redisIdleApi: { what: 'Redis, for an idle API process', unit: 'µs/s' },
  redisIdleWorker: { what: 'Redis, for an idle worker process', unit: 'µs/s' },
  redisApi: { what: 'connections to Redis of an API process', unit: '' },
  redisWorker: { what: 'connections to Redis of a worker process', unit: '' },
  mongodWorker: { what: 'connections to mongod of a worker process, busy', unit: '' },
  apiWrite: { what: 'API, to accept a write', unit: 'µs' },
  redisDoor: { what: 'Redis, to accept a write', unit: 'µs' },
  waitingWrite: { what: 'Redis memory of a waiting write', unit: 'bytes' },
  workerWrite: { what: 'worker, to persist a write', unit: 'µs' },
  mongodWrite: { what: 'mongod, to persist a write', unit: 'µs' },
  redisPersist: { what: 'Redis, to persist a write and tell of it', unit: 'µs' },
  apiEvent: { what: 'each API process with an event stream, for a write of anybody', unit: 'µs' },
  apiUpload: { what: 'API, to accept 1,000 rows', unit: 'µs' },
  redisUpload: { what: 'Redis, to accept 1,000 rows', unit: 'µs' },
  waitingRows: { what: 'Redis memory of 1,000 waiting rows', unit: 'bytes' },
  workerRows: { what: 'worker, to persist 1,000 rows', unit: 'µs' },
  mongodRows: { what: 'mongod, to persist 1,000 rows', unit: 'µs' },
  redisRows: { what: 'Redis, to persist 1,000 rows', unit: 'µs' },
} as const satisfies Record<string, { what: string; unit: string }>;

export type Figure = keyof typeof FIGURES;
export type Costs = Record<Figure, number>;

/** What was measured of one fleet. */
export interface Fleet {
  apis: number;
  workers: number;
  costs: Costs;
}

export const figures = Object.keys(FIGURES) as Figure[];
