import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Queue } from 'bullmq';
import type { BenchCase } from '../case.ts';
import { median, ratios } from '../figures.ts';
import type { ProxyTask } from '../load/slow-proxy.ts';
import { watchImports } from '../import-ends.ts';
import { ImportClient, workTime } from '../imports.ts';
import { benchCsv } from '../rows.ts';
import { type Stage, tokenOf } from '../stage.ts';

const DELAY_MS = 5;
const FILES = 400;
const WARM_UPS = 400;
const FILE_ROWS = 10;

/**
 * Files of a few rows, one job at a time in each worker: then the distance to the database decides, and not how many
 * cores this machine has for all the workers together.
 */
export const workersScale: BenchCase = {
  name: 'workers-scale',
  title: `1, 2 and 4 workers with ${DELAY_MS} ms added to every database call`,
  async run(stage) {
    const times: Record<1 | 2 | 4, number[]> = { 1: [], 2: [], 4: [] };
    for (let round = 0; round < stage.rounds; round++)
      for (const workers of [1, 2, 4] as const) times[workers].push(await work(stage, workers));
    const what = 'workers, database 5 ms further away';
    const say = (workers: 1 | 2 | 4) => `${workers}: ${(median(times[workers]) / 1_000).toFixed(1)} s`;
    const details = `${FILES} files of ${FILE_ROWS} rows, WORKER_CONCURRENCY=1; ${say(1)}, ${say(2)}, ${say(4)}`;
    return [
      {
        ...{ what: `2 ${what}`, comparedWith: '1 worker', unit: '×', bar: { atLeast: 1.8 }, details },
        values: ratios(times[1], times[2]),
      },
      {
        ...{ what: `4 ${what}`, comparedWith: '1 worker', unit: '×', bar: { atLeast: 3.5 }, details },
        values: ratios(times[1], times[4]),
      },
    ];
  },
};

/** @returns ms from the first start to the last end */
async function work(stage: Stage, workers: number): Promise<number> {
  const proxy = fork(join(import.meta.dirname, '../load/slow-proxy.ts'));
  const target = Number(/:(\d+)\//.exec(stage.servers.mongodbUri('x'))?.[1] ?? 27017);
  proxy.send({ targetPort: target, delayMs: DELAY_MS } satisfies ProxyTask);
  const [{ port }] = (await once(proxy, 'message')) as [{ port: number }];
  // Directly, or the driver would go by the address that the replica set has for itself.
  const far = `mongodb://127.0.0.1:${port}/scale${process.pid}?directConnection=true`;
  const company = await stage.company({ workers, env: { MONGODB_URI: far, WORKER_CONCURRENCY: '1' } });
  await company.open(company.api, ...company.workers);
  const { redisUrl } = stage.servers;
  const upload = async (tenant: string, files: number): Promise<{ all: Promise<void> }> => {
    const client = new ImportClient(company.api.url, tokenOf(tenant));
    const ends = await watchImports(redisUrl, files);
    for (let file = 0; file < files; file++)
      await client.upload(benchCsv(tenant, file * FILE_ROWS, FILE_ROWS));
    return ends;
  };
  // Each has compiled what it runs before it is timed: on few cores, four that start are slower than one.
  await (
    await upload('warm', WARM_UPS * workers)
  ).all;
  const queue = new Queue('customer.jobs', { connection: { url: redisUrl }, prefix: `{${company.id}}` });
  await queue.pause();
  const ends = await upload('bench', FILES);
  await queue.resume();
  await ends.all;
  await queue.close();
  const workMs = workTime(await new ImportClient(company.api.url, tokenOf('bench')).all());
  await company.close();
  proxy.disconnect();
  await stage.clear(`scale${process.pid}`);
  return workMs;
}
