import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import mongoose from 'mongoose';
import { until } from '../../test/chaos/until.ts';
import type { BenchCase } from '../case.ts';
import { median, percentile, ratios } from '../figures.ts';
import { ImportClient } from '../imports.ts';
import type { Crowding, CrowdedProxyTask } from '../load/crowded-proxy.ts';
import { benchCsv } from '../rows.ts';
import { type BenchCompany, type Stage, tokenOf } from '../stage.ts';

const CEILING = 8;
/** Of what arrives, up to 64 KB: a chunk of a thousand rows is several. */
const EACH_MS = 100;
const HEALTHY_MS = 10_000;
const SLOW_MS = 45_000;
/** The worker has found its number by then. */
const SETTLED_MS = 25_000;
/** Whether the one before was answered or not: who waits less must not ask more. */
const PROBE_EVERY_MS = 1_000;
const BACK_WITHIN_MS = 60_000;
const FILE_ROWS = 250_000;
const MAX_ROWS = 3_000_000;

interface Run {
  /** What another client of the database waits for an answer, p95 while it is slow. */
  waitMs: number;
  /** A second: while the database is well, and while it is slow. */
  healthyRows: number;
  slowRows: number;
  /** From the end of the slowness to the ceiling. */
  backMs: number;
  /** Jobs at once, every second from the beginning of the slowness. */
  limits: number[];
}

/** One worker on a database that turns slow for the crowd, and recovers. */
export const workerAdapts: BenchCase = {
  name: 'worker-adapts',
  title: 'A worker whose database turns slow and recovers, adaptive and fixed',
  async run(stage) {
    const adaptive: Run[] = [];
    const fixed: Run[] = [];
    for (let round = 0; round < stage.rounds; round++) {
      adaptive.push(await measure(stage, {}));
      fixed.push(await measure(stage, { WORKER_CONCURRENCY_MIN: String(CEILING) }));
    }
    const of = (runs: readonly Run[], key: Exclude<keyof Run, 'limits'>) => runs.map((run) => run[key]);
    const say = (runs: readonly Run[], key: Exclude<keyof Run, 'limits'>) =>
      Math.round(median(of(runs, key))).toLocaleString('en');
    const pair = (key: Exclude<keyof Run, 'limits'>) => ratios(of(adaptive, key), of(fixed, key));
    const comparedWith = `${CEILING} jobs at once all the time`;
    return [
      {
        ...{ what: 'slow database, wait of another client of it, p95', comparedWith, unit: '×' },
        ...{ values: pair('waitMs'), bar: { atMost: 0.5 } },
        details: `adaptive ${say(adaptive, 'waitMs')} ms, fixed ${say(fixed, 'waitMs')} ms; jobs at once, by the second: ${stepsOf(adaptive[0]?.limits ?? [])}`,
      },
      {
        ...{ what: 'slow database, rows persisted', comparedWith, unit: '×' },
        ...{ values: pair('slowRows'), bar: { atLeast: 0.9 } },
        details: `adaptive ${say(adaptive, 'slowRows')}/s, fixed ${say(fixed, 'slowRows')}/s`,
      },
      {
        ...{ what: 'before that, rows persisted', comparedWith, unit: '×' },
        ...{ values: pair('healthyRows'), bar: { atLeast: 0.9 } },
        details: `adaptive ${say(adaptive, 'healthyRows')}/s, fixed ${say(fixed, 'healthyRows')}/s`,
      },
      {
        ...{ what: 'back at the ceiling when it is well again', comparedWith: '30 s', unit: ' s' },
        ...{ values: of(adaptive, 'backMs').map((ms) => ms / 1_000), bar: { atMost: 30 } },
        details: `from ${Math.min(...(adaptive[0]?.limits ?? []))} to ${CEILING} jobs at once`,
      },
    ];
  },
};

/** `8 ×3, 4 ×5, …` */
function stepsOf(limits: readonly number[]): string {
  const steps: { limit: number; times: number }[] = [];
  for (const limit of limits) {
    const last = steps.at(-1);
    if (last?.limit === limit) last.times += 1;
    else steps.push({ limit, times: 1 });
  }
  return steps.map(({ limit, times }) => `${limit} ×${times}`).join(', ');
}

async function measure(stage: Stage, env: NodeJS.ProcessEnv): Promise<Run> {
  const proxy = fork(join(import.meta.dirname, '../load/crowded-proxy.ts'), {
    // It shares a helper with the tests, which are built.
    execArgv: ['--disable-warning=MODULE_TYPELESS_PACKAGE_JSON'],
  });
  proxy.send({ targetUrl: stage.servers.mongodbUri('x') } satisfies CrowdedProxyTask);
  const [{ port }] = (await once(proxy, 'message')) as [{ port: number }];
  const crowd = (eachMs: number) => proxy.send({ eachMs } satisfies Crowding);
  const database = `adapts${process.pid}`;
  const uri = `mongodb://127.0.0.1:${port}/${database}?directConnection=true`;
  const company = await stage.company({
    env: { MONGODB_URI: uri, WORKER_CONCURRENCY: String(CEILING), METRICS_PUBLIC: 'true', ...env },
  });
  const other = await new mongoose.mongo.MongoClient(uri).connect();
  const rows = async () => stage.database.db(database).collection('customers').estimatedDocumentCount();
  const rate = async (work: () => Promise<unknown>) => {
    const [before, startedAt] = [await rows(), performance.now()];
    await work();
    return ((await rows()) - before) / ((performance.now() - startedAt) / 1_000);
  };
  try {
    await company.open(company.api);
    const client = new ImportClient(company.api.url, tokenOf('bench'));
    for (let from = 0; from < MAX_ROWS; from += FILE_ROWS)
      await client.upload(benchCsv('a', from, FILE_ROWS));
    await company.open(...company.workers);
    await until('the first rows', async () => ((await rows()) > 0 ? true : undefined), { timeoutMs: 30_000 });
    const healthyRows = await rate(() => setTimeout(HEALTHY_MS));
    crowd(EACH_MS);
    const limits: number[] = [];
    const watching = setInterval(() => void limitOf(company).then((limit) => limits.push(limit)), 1_000);
    await setTimeout(SETTLED_MS);
    const waiting: Promise<number>[] = [];
    const slowRows = await rate(async () => {
      const endAt = performance.now() + SLOW_MS - SETTLED_MS;
      while (performance.now() < endAt) {
        waiting.push(waitOf(other));
        await setTimeout(PROBE_EVERY_MS);
      }
    });
    const waits = await Promise.all(waiting);
    crowd(0);
    const recoveredAt = performance.now();
    await until(
      `the ceiling, after ${stepsOf(limits)}`,
      async () => ((await limitOf(company)) === CEILING ? true : undefined),
      {
        timeoutMs: BACK_WITHIN_MS,
      },
    );
    const backMs = performance.now() - recoveredAt;
    clearInterval(watching);
    return { waitMs: percentile(waits, 0.95), healthyRows, slowRows, backMs, limits };
  } finally {
    await company.close();
    await other.close();
    proxy.disconnect();
    await stage.clear(database);
  }
}

/** @returns what a ping takes, in ms */
async function waitOf(client: mongoose.mongo.MongoClient): Promise<number> {
  const askedAt = performance.now();
  await client.db('admin').command({ ping: 1 });
  return performance.now() - askedAt;
}

async function limitOf(company: BenchCompany): Promise<number> {
  const [worker] = company.workers;
  const text = await (await fetch(`${worker?.url}/metrics`)).text();
  return Number(/^insightcrm_worker_concurrency (\d+)/m.exec(text)?.[1]);
}
