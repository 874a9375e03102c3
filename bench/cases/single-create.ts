import { join } from 'node:path';
import type { BenchCase } from '../case.ts';
import { runChild } from '../child.ts';
import { median, ratios } from '../figures.ts';
import type { AddTask } from '../load/add-jobs.ts';
import type { PostResult, PostTask } from '../load/post-customers.ts';
import { buildNaive, startNaive } from '../naive-service.ts';
import { tokenOf } from '../stage.ts';

const CONNECTIONS = 64;
const SECONDS = 6;
const WARM_UP_SECONDS = 2;

/** No worker runs on either side: what is measured is the door. */
export const singleCreate: BenchCase = {
  name: 'single-create',
  title: `POST /api/customer on ${CONNECTIONS} connections`,
  async run(stage) {
    await buildNaive(stage.root);
    const ours: PostResult[] = [];
    const naive: PostResult[] = [];
    const synchronous: PostResult[] = [];
    const bare: number[] = [];
    const post = async (url: string): Promise<PostResult> => {
      const task: PostTask = {
        ...{ ports: [Number(new URL(url).port)], token: tokenOf('bench'), connections: CONNECTIONS },
        ...{ seconds: SECONDS, warmUpSeconds: WARM_UP_SECONDS },
      };
      return runChild<PostResult>('load/post-customers.ts', task);
    };

    for (let round = 0; round < stage.rounds; round++) {
      const company = await stage.company({ workers: 0 });
      await company.open(company.api);
      ours.push(await post(company.api.url));
      await company.close();

      for (const [results, isSynchronous] of [
        [naive, false],
        [synchronous, true],
      ] as const) {
        const id = `naive${process.pid}x${round}${isSynchronous ? 's' : 'q'}`;
        const service = await startNaive(stage, id, isSynchronous, join(stage.dataDir, `${id}.log`));
        results.push(await post(service.url));
        await service.stop();
      }

      const prefix = `{bare${process.pid}x${round}}`;
      const task: AddTask = {
        ...{ redisUrl: stage.servers.redisUrl, prefix, inFlight: CONNECTIONS },
        ...{ seconds: SECONDS, warmUpSeconds: WARM_UP_SECONDS },
      };
      bare.push((await runChild<{ perSecond: number }>('load/add-jobs.ts', task)).perSecond);
      await stage.clear(prefix.slice(1, -1));
    }

    const rate = (results: readonly PostResult[]) => results.map(({ perSecond }) => perSecond);
    const slow = (results: readonly PostResult[]) => results.map(({ p99Ms }) => p99Ms);
    const ms = (values: readonly number[]) => `${median(values).toFixed(1)} ms`;
    const say = (results: readonly PostResult[]) =>
      `${Math.round(median(rate(results))).toLocaleString('en')}/s, p50 ${ms(results.map(({ p50Ms }) => p50Ms))}, p99 ${ms(slow(results))}`;
    const what = 'single create';
    return [
      {
        ...{ what, comparedWith: 'naive NestJS + Express + BullMQ', unit: '×', bar: { atLeast: 3 } },
        values: ratios(rate(ours), rate(naive)),
        details: `ours ${say(ours)}; naive ${say(naive)}`,
      },
      {
        ...{ what, comparedWith: 'bare Queue.add, 64 in flight', unit: '×', bar: { atLeast: 0.3 } },
        values: ratios(rate(ours), bare),
        details: `bare ${Math.round(median(bare)).toLocaleString('en')}/s`,
      },
      {
        ...{ what: 'single create, p99', comparedWith: 'naive', unit: '×', bar: { atMost: 1 } },
        values: ratios(slow(ours), slow(naive)),
        details: `${ms(slow(ours))}; naive ${ms(slow(naive))}; the client takes ${Math.round(median(ours.map(({ clientUs }) => clientUs)))} µs of CPU a request`,
      },
      {
        ...{ what, comparedWith: 'writing to MongoDB before the answer', unit: '×', bar: { atLeast: 1 } },
        values: ratios(rate(ours), rate(synchronous)),
        details: `synchronous ${say(synchronous)}`,
      },
    ];
  },
};
