import { setTimeout as delay } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { watchImports } from '../import-ends.ts';
import type { BenchCompany, Stage } from '../stage.ts';
import type { Costs, Fleet } from './figures.ts';
import { FILE_ROWS, FILES, FleetLoad, listen } from './load.ts';
import { medianOf } from './model.ts';
import { type Usage, UsageMeter } from './usage.ts';

const IDLE_MS = 10_000;
const WARM_UP_SECONDS_OF_API = 0.6;
/** API processes for whose warm-up so many files do. */
const WARMED_BY_FILES = 4;

type Used = Pick<Usage, 'apis' | 'workers' | 'redis' | 'mongod' | 'redisBytes'>;

/** Starts so many processes on the servers of the stage and measures, several times, what each unit of work costs them. */
export async function measureFleet(stage: Stage, apis: number, workers: number): Promise<Fleet> {
  const company = await stage.company({ apis, workers });
  const streams = new AbortController();
  const queue = new Queue('customer.jobs', {
    connection: { url: stage.servers.redisUrl },
    prefix: `{${company.id}}`,
  });
  try {
    const fleet = new FleetBench(stage, company, queue);
    const idle = await fleet.idle(streams.signal);
    await fleet.warm();
    const rounds: Costs[] = [];
    while (rounds.length < stage.rounds)
      rounds.push({ ...idle, ...(await fleet.writes()), ...(await fleet.rows()) });
    return { apis, workers, costs: medianOf(rounds) };
  } finally {
    streams.abort();
    await queue.close();
    await company.close();
  }
}

class FleetBench {
  readonly #stage: Stage;
  readonly #company: BenchCompany;
  readonly #queue: Queue;
  readonly #load: FleetLoad;
  readonly #meter: UsageMeter;
  /** In µs a second. */
  #idle: Used = { apis: 0, workers: 0, redis: 0, mongod: 0, redisBytes: 0 };
  /** Before there were workers. */
  #mongodConnections = 0;

  constructor(stage: Stage, company: BenchCompany, queue: Queue) {
    this.#stage = stage;
    this.#company = company;
    this.#queue = queue;
    this.#load = new FleetLoad(company, queue);
    this.#meter = new UsageMeter(stage);
  }

  /** Starts the API processes, with an event stream each, and then the workers; between and after, nothing is done. */
  async idle(signal: AbortSignal) {
    const { apis, workers } = this.#company;
    // What fleets before left behind is removed in the background.
    await delay(IDLE_MS / 2);
    const before = await this.#meter.read();
    const nobody = await this.#during(() => delay(IDLE_MS));
    await this.#company.open(...apis);
    await this.#meter.count('apis', apis);
    await Promise.all(apis.map(({ url }) => listen(url, signal)));
    await delay(IDLE_MS / 2);
    const withApis = await this.#meter.read();
    this.#mongodConnections = withApis.mongodConnections;
    const quiet = await this.#during(() => delay(IDLE_MS));
    await this.#company.open(...workers);
    await this.#meter.count('workers', workers);
    await delay(IDLE_MS / 2);
    const withWorkers = await this.#meter.read();
    this.#idle = await this.#during(() => delay(IDLE_MS));
    return {
      apiIdle: quiet.apis / apis.length,
      workerIdle: this.#idle.workers / workers.length,
      redisIdleApi: (quiet.redis - nobody.redis) / apis.length,
      redisIdleWorker: (this.#idle.redis - quiet.redis) / workers.length,
      redisApi: (withApis.redisConnections - before.redisConnections) / apis.length,
      redisWorker: (withWorkers.redisConnections - withApis.redisConnections) / workers.length,
    };
  }

  /** What is compiled once, in each process, is not measured. */
  async warm(): Promise<void> {
    const { apis } = this.#company;
    await this.#load.post(1 + WARM_UP_SECONDS_OF_API * apis.length);
    await this.#load.drained();
    for (let warmed = 0; warmed < apis.length; warmed += WARMED_BY_FILES) {
      const ends = await watchImports(this.#stage.servers.redisUrl, FILES);
      await this.#load.upload();
      await ends.all;
    }
  }

  async writes() {
    const { apis } = this.#company;
    await this.#queue.pause();
    let answered = 0;
    const door = await this.#beyondIdle(async () => {
      answered = (await this.#load.post()).answered;
    });
    const persisted = await this.#beyondIdle(async () => {
      await this.#queue.resume();
      await this.#load.drained();
    });
    return {
      apiWrite: door.apis / answered,
      redisDoor: door.redis / answered,
      waitingWrite: door.redisBytes / answered,
      workerWrite: persisted.workers / answered,
      mongodWrite: persisted.mongod / answered,
      redisPersist: persisted.redis / answered,
      apiEvent: persisted.apis / answered / apis.length,
    };
  }

  async rows() {
    const { workers } = this.#company;
    await this.#queue.pause();
    const accepted = await this.#beyondIdle(() => this.#load.upload());
    const persisted = await this.#beyondIdle(async () => {
      const ends = await watchImports(this.#stage.servers.redisUrl, FILES);
      await this.#queue.resume();
      await ends.all;
    });
    const thousands = (FILES * FILE_ROWS) / 1_000;
    return {
      mongodWorker: ((await this.#meter.read()).mongodConnections - this.#mongodConnections) / workers.length,
      apiUpload: accepted.apis / thousands,
      redisUpload: accepted.redis / thousands,
      waitingRows: accepted.redisBytes / thousands,
      workerRows: persisted.workers / thousands,
      mongodRows: persisted.mongod / thousands,
      redisRows: persisted.redis / thousands,
    } satisfies Partial<Costs>;
  }

  /** @returns what was used meanwhile, CPU a second */
  async #during(act: () => Promise<unknown>): Promise<Used> {
    const { used, seconds } = await this.#used(act);
    return map(used, (value) => value / seconds);
  }

  /** @returns what was used meanwhile, without what would have been anyway */
  async #beyondIdle(act: () => Promise<unknown>): Promise<Used> {
    const { used, seconds } = await this.#used(act);
    return map(used, (value, key) => (key === 'redisBytes' ? value : value - this.#idle[key] * seconds));
  }

  async #used(act: () => Promise<unknown>): Promise<{ used: Used; seconds: number }> {
    const before = await this.#meter.read();
    await act();
    const after = await this.#meter.read();
    const used = map(after, (value, key) => value - before[key]);
    return { used, seconds: (after.atMs - before.atMs) / 1_000 };
  }
}

function map(used: Used, change: (value: number, key: keyof Used) => number): Used {
  const { apis, workers, redis, mongod, redisBytes } = used;
  const entries = Object.entries({ apis, workers, redis, mongod, redisBytes }) as [keyof Used, number][];
  return Object.fromEntries(entries.map(([key, value]) => [key, change(value, key)])) as unknown as Used;
}
