import type { BenchCase } from '../case.ts';
import { runChild } from '../child.ts';
import { median, ratios } from '../figures.ts';
import { ImportClient, type ImportState, workTime } from '../imports.ts';
import type { UploadsResult, UploadsTask } from '../load/upload-at-once.ts';
import { watchImports } from '../import-ends.ts';
import { memoryOf } from '../memory.ts';
import type { WriteTask } from '../raw/write-rows.ts';
import { benchCsv } from '../rows.ts';
import { type Stage, tokenOf } from '../stage.ts';

const FILE_ROWS = 1_000;

/** Rows are queued before the worker starts: what is measured is persisting them. */
export const rowsPersisted: BenchCase = {
  name: 'rows-persisted',
  title: 'Rows persisted by one worker, new, changed and unchanged',
  async run(stage) {
    const times = {
      files: [] as number[],
      file: [] as number[],
      changed: [] as number[],
      unchanged: [] as number[],
      insert: [] as number[],
      upsert: [] as number[],
    };
    const peaks: number[] = [];
    const redisShares: number[] = [];
    // The first million of a new server is written faster than any after it: its oplog is not full.
    await raw(stage, `raw${process.pid}x`, 'insert', 0);
    await stage.clear(`raw${process.pid}x`);
    for (let round = 0; round < stage.rounds; round++) {
      times.insert.push(await raw(stage, `raw${process.pid}x${round}`, 'insert', 0));
      times.upsert.push(await raw(stage, `raw${process.pid}x${round}`, 'upsert', 1));
      await stage.clear(`raw${process.pid}x${round}`);

      const many = await stage.company();
      await many.open(many.api);
      const task: UploadsTask = {
        ...{ url: many.api.url, token: tokenOf('bench'), set: 'f' },
        ...{ files: stage.rows / FILE_ROWS, rows: FILE_ROWS },
      };
      await runChild<UploadsResult>('load/upload-at-once.ts', task, ['--max-old-space-size=4096']);
      await stage.settle();
      times.files.push(await many.work(stage.rows / FILE_ROWS));
      await many.close();

      const one = await stage.company();
      await one.open(one.api);
      const client = new ImportClient(one.api.url, tokenOf('bench'));
      const emptyBytes = await usedMemory(stage);
      const csv = benchCsv('f', 0, stage.rows);
      await client.upload(csv);
      redisShares.push(((await usedMemory(stage)) - emptyBytes) / csv.length);
      await stage.settle();
      times.file.push(await one.work(1));
      for (const [kind, version] of [
        ['changed', 1],
        ['unchanged', 1],
      ] as const) {
        await stage.settle();
        const ends = await watchImports(stage.servers.redisUrl, 1);
        const again = await client.upload(benchCsv('f', 0, stage.rows, version));
        await ends.all;
        const state = await client.read(again.importId);
        expectAll(kind === 'changed' ? state.counts.updated : state.counts.unchanged, state);
        times[kind].push(workTime([state]));
      }
      const [worker] = one.workers;
      if (worker) peaks.push((await memoryOf(worker)).peakMb);
      await one.close();
    }
    const rows = stage.rows;
    const speed = (ms: readonly number[]) => `${Math.round(rows / median(ms)).toLocaleString('en')}k rows/s`;
    const inserted = { comparedWith: 'the driver’s unordered insertMany', unit: '×' };
    const upserted = { comparedWith: 'the driver’s bulk upsert', unit: '×' };
    const label = rows === 1_000_000 ? '1M rows' : `${rows.toLocaleString('en')} rows`;
    return [
      {
        ...{ ...inserted, what: `${label} in files of 1,000, one worker`, bar: { atLeast: 0.7 } },
        values: ratios(times.insert, times.files),
        details: `ours ${speed(times.files)}; driver ${speed(times.insert)}`,
      },
      {
        ...{ ...inserted, what: `${label} in one file, one worker`, bar: { atLeast: 0.8 } },
        values: ratios(times.insert, times.file),
        details: `ours ${speed(times.file)}`,
      },
      {
        ...{ ...upserted, what: `${label} that exist and change`, bar: { atLeast: 0.9 } },
        values: ratios(times.upsert, times.changed),
        details: `ours ${speed(times.changed)}; driver ${speed(times.upsert)}`,
      },
      {
        ...{ ...upserted, what: `${label} that exist and change nothing`, bar: { atLeast: 2 } },
        values: ratios(times.upsert, times.unchanged),
        details: `ours ${speed(times.unchanged)}; nothing is written`,
      },
      {
        ...{ what: 'worker memory in those', comparedWith: '400 MB', unit: ' MB', bar: { atMost: 400 } },
        values: peaks,
        details: 'highest resident size',
      },
      {
        ...{ what: 'Redis memory for one file that waits', comparedWith: 'bytes of the CSV', unit: '×' },
        bar: { atMost: 0.4 },
        values: redisShares,
        details: 'chunks, jobs and record',
      },
    ];
  },
};

function expectAll(count: number, state: ImportState): void {
  if (count !== state.counts.rows) throw new Error(`Not the rows expected: ${JSON.stringify(state)}`);
}

async function raw(stage: Stage, id: string, how: WriteTask['how'], version: number): Promise<number> {
  await stage.settle();
  const task: WriteTask = {
    ...{ root: stage.root, mongodbUri: stage.servers.mongodbUri(id), how, version },
    ...{ set: 'f', rows: stage.rows, batchRows: 1_000, inFlight: 8 },
  };
  return (await runChild<{ wallMs: number }>('raw/write-rows.ts', task, ['--max-old-space-size=6144']))
    .wallMs;
}

async function usedMemory({ redis }: Stage): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
}
