import type { BenchCase } from '../case.ts';
import { median, percentile } from '../figures.ts';
import { ImportClient } from '../imports.ts';
import { benchCsv } from '../rows.ts';
import { type BenchCompany, tokenOf } from '../stage.ts';

const FILE_ROWS = 1_000;
const UPLOADS = 40;
const PAUSE_MS = 100;

/** A file of 100 KB, alone and beside a large import; one worker runs all the time. */
export const uploadLatency: BenchCase = {
  name: 'upload-latency',
  title: 'One upload of 1,000 rows, idle and while a large import runs',
  async run(stage) {
    const idle: number[] = [];
    const loaded: number[] = [];
    const slowestLoaded: number[] = [];
    for (let round = 0; round < stage.rounds; round++) {
      const company = await stage.company();
      await company.open(company.api, ...company.workers);
      await uploads(company, 'warm', 20);
      idle.push(median(await uploads(company, 'idle', UPLOADS)));

      const large = new ImportClient(company.api.url, tokenOf('large'));
      const { importId } = await large.upload(benchCsv('large', 0, stage.rows));
      const beside = await uploads(company, 'beside', UPLOADS);
      const { status } = await large.read(importId);
      if (status !== 'processing')
        throw new Error(`The large import is ${status} already: give it more rows`);
      loaded.push(median(beside));
      slowestLoaded.push(percentile(beside, 0.95));
      await large.ended(importId);
      await company.close();
    }
    const what = 'one upload of 1,000 rows';
    return [
      {
        ...{ what: `${what}, idle`, comparedWith: '110 ms', unit: ' ms', bar: { atMost: 10 } },
        values: idle,
        details: `median of ${UPLOADS} in each round; ${(110 / median(idle)).toFixed(0)} times faster than 110 ms`,
      },
      {
        ...{ what: `${what}, beside a large import`, comparedWith: 'idle', unit: '×', bar: { atMost: 2 } },
        values: loaded.map((value, round) => value / (idle[round] ?? Number.NaN)),
        details: `median ${median(loaded).toFixed(1)} ms, p95 ${median(slowestLoaded).toFixed(1)} ms`,
      },
    ];
  },
};

async function uploads(company: BenchCompany, set: string, count: number): Promise<number[]> {
  const client = new ImportClient(company.api.url, tokenOf('small'));
  const took: number[] = [];
  for (let upload = 0; upload < count; upload++) {
    const { tookMs, importId } = await client.upload(benchCsv(set, upload * FILE_ROWS, FILE_ROWS));
    took.push(tookMs);
    if (set === 'beside') await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    else await client.ended(importId);
  }
  return took;
}
