import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { BenchCase } from '../case.ts';
import { runChild } from '../child.ts';
import { median, percentile, ratios } from '../figures.ts';
import type { UploadsResult, UploadsTask } from '../load/upload-at-once.ts';
import { memoryOf } from '../memory.ts';
import { ImportClient } from '../imports.ts';
import { benchCsv } from '../rows.ts';
import { type Stage, tokenOf } from '../stage.ts';

const FILE_ROWS = 1_000;
const WARM_UPS = 100;
/** Just under the 100 MiB that an upload may have. */
const LARGE_ROWS = 1_010_000;
const MB = 1024 * 1024;

/** No worker runs: what is measured is the door. */
export const uploadsAtOnce: BenchCase = {
  name: 'uploads-at-once',
  title: '1,000 uploads of 1,000 rows at once',
  async run(stage) {
    const files = stage.rows / FILE_ROWS;
    const ours: UploadsResult[] = [];
    const bare: UploadsResult[] = [];
    const grownShare: number[] = [];
    const grownMb: number[] = [];
    const upload = (url: string, set: string, count: number): Promise<UploadsResult> => {
      const task: UploadsTask = { url, token: tokenOf('bench'), set, files: count, rows: FILE_ROWS };
      return runChild<UploadsResult>('load/upload-at-once.ts', task, ['--max-old-space-size=4096']);
    };
    for (let round = 0; round < stage.rounds; round++) {
      const company = await stage.company({ workers: 0 });
      await company.open(company.api);
      await upload(company.api.url, `warm${round}`, WARM_UPS);
      const before = await memoryOf(company.api);
      const result = await upload(company.api.url, `at${round}`, files);
      const after = await memoryOf(company.api);
      if (result.answers['202'] !== files)
        throw new Error(`Not all were accepted: ${JSON.stringify(result.answers)}`);
      grownShare.push(((after.peakMb - before.nowMb) * MB) / result.bytes);
      ours.push(result);
      await company.close();
      grownMb.push(await grownByOneFile(stage));
      bare.push(
        await besideBareServer(async (url) => {
          await upload(url, `warm${round}`, WARM_UPS);
          return upload(url, `at${round}`, files);
        }),
      );
    }
    const walls = (results: readonly UploadsResult[]) => results.map(({ wallMs }) => wallMs);
    const at = (share: number) => ours.map(({ latenciesMs }) => percentile(latenciesMs, share));
    const what = `${files.toLocaleString('en')} uploads of 1,000 rows at once`;
    return [
      {
        ...{
          what: `${what}, wall`,
          comparedWith: 'node:http that discards them',
          unit: '×',
          bar: { atMost: 8 },
        },
        values: ratios(walls(ours), walls(bare)),
        details: `ours ${(median(walls(ours)) / 1_000).toFixed(2)} s; bare ${(median(walls(bare)) / 1_000).toFixed(2)} s; all 202`,
      },
      {
        ...{ what: `${what}, p99`, comparedWith: 'p50', unit: '×', bar: { atMost: 1.5 } },
        values: ratios(at(0.99), at(0.5)),
        details: `p50 ${Math.round(median(at(0.5)))} ms, p99 ${Math.round(median(at(0.99)))} ms`,
      },
      {
        ...{ what: 'API memory for those', comparedWith: 'bytes in flight', unit: '×', bar: { atMost: 5 } },
        values: grownShare,
        details: `${Math.round((ours[0]?.bytes ?? 0) / MB)} MB in flight`,
      },
      {
        ...{ what: 'API memory for one file of 100 MiB', comparedWith: '150 MB', unit: ' MB' },
        bar: { atMost: 150 },
        values: grownMb,
        details: 'growth of the highest resident size',
      },
    ];
  },
};

async function grownByOneFile(stage: Stage): Promise<number> {
  const company = await stage.company({ workers: 0 });
  await company.open(company.api);
  const client = new ImportClient(company.api.url, tokenOf('bench'));
  await client.upload(benchCsv('warm', 0, FILE_ROWS));
  const before = await memoryOf(company.api);
  await client.upload(benchCsv('large', 0, LARGE_ROWS));
  const { peakMb } = await memoryOf(company.api);
  await company.close();
  return peakMb - before.nowMb;
}

async function besideBareServer<T>(work: (url: string) => Promise<T>): Promise<T> {
  const server = fork(join(import.meta.dirname, '../load/bare-server.ts'));
  const [{ port }] = (await once(server, 'message')) as [{ port: number }];
  try {
    return await work(`http://127.0.0.1:${port}`);
  } finally {
    server.disconnect();
  }
}
