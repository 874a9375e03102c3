import { readFile } from 'node:fs/promises';
import type { Redis } from 'ioredis';
import type { Service } from '../../test/chaos/cluster/service.ts';
import { pidOf } from '../memory.ts';
import type { Stage } from '../stage.ts';

/** Linux counts CPU in hundredths of a second. */
const US_PER_TICK = 10_000;

/** CPU in µs of all processes of a kind together, and what Redis and mongod hold. */
export interface Usage {
  atMs: number;
  apis: number;
  workers: number;
  /** The thread that runs the commands: there is one, however many cores. */
  redis: number;
  mongod: number;
  redisBytes: number;
  redisConnections: number;
  mongodConnections: number;
}

/** Reads what processes and their servers have used so far. */
export class UsageMeter {
  readonly #stage: Stage;
  readonly #pids = { apis: [] as string[], workers: [] as string[] };

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** They run, and are counted from now on. */
  async count(kind: 'apis' | 'workers', services: readonly Service[]): Promise<void> {
    this.#pids[kind] = await Promise.all(services.map(pidOf));
  }

  async read(): Promise<Usage> {
    const { redis, database } = this.#stage;
    const [info, status] = await Promise.all([
      redisFigures(redis),
      database.db('admin').command({ serverStatus: 1 }),
    ]);
    const { pid, connections } = status as unknown as { pid: number; connections: { current: number } };
    const [apis, workers, mongod] = await Promise.all(
      [this.#pids.apis, this.#pids.workers, [String(pid)]].map(cpuOf),
    );
    const cpu = { apis: apis ?? 0, workers: workers ?? 0, mongod: mongod ?? 0 };
    return { atMs: performance.now(), ...cpu, ...info, mongodConnections: connections.current };
  }
}

async function redisFigures(redis: Redis): Promise<Pick<Usage, 'redis' | 'redisBytes' | 'redisConnections'>> {
  const info = await redis.info();
  const of = (field: string): number => {
    const value = new RegExp(`^${field}:(\\S+)`, 'm').exec(info)?.[1];
    if (value === undefined) throw new Error(`INFO has no ${field}`);
    return Number(value);
  };
  const seconds = of('used_cpu_user_main_thread') + of('used_cpu_sys_main_thread');
  return {
    redis: seconds * 1e6,
    redisBytes: of('used_memory'),
    redisConnections: of('connected_clients'),
  };
}

async function cpuOf(pids: readonly string[]): Promise<number> {
  const each = pids.map(async (pid) => {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name may hold anything, and ends with the last bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * US_PER_TICK;
  });
  return (await Promise.all(each)).reduce((sum, used) => sum + used, 0);
}
