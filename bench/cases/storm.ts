import type { BenchCase } from '../case.ts';
import { median, percentile, ratios } from '../figures.ts';
import { ImportClient } from '../imports.ts';
import { benchCsv } from '../rows.ts';
import { type BenchCompany, tokenOf } from '../stage.ts';

const TENANTS = 50;
const FILES = 1_000;
const ROWS = 1_000;
/** Files that the tenant with many of them sends at a time. */
const AT_A_TIME = 50;

/** How often the fifty come, on each side. */
const TIMES = 15;

/**
 * Fifty tenants with a file each, and one with a thousand of them before. What is compared are places: the first of the
 * fifty that is done with the first on an idle system, and so on. Which tenant is first is chance.
 */
export const storm: BenchCase = {
  name: 'storm',
  title: 'Fifty tenants beside one with a thousand files',
  async run(stage) {
    const slowest: number[] = [];
    const last: number[] = [];
    const details: string[] = [];
    for (let round = 0; round < stage.rounds; round++) {
      const company = await stage.company();
      await company.open(company.api, ...company.workers);
      await everyTenant(company, 'warm');
      const idle = await byPlace(company, 'idle');
      const left = await sendMany(company);
      const beside = await byPlace(company, 'beside');
      if (!(await left())) throw new Error('The many files were done before the others');
      const times = ratios(beside, idle);
      slowest.push(Math.max(...times));
      last.push(times.at(-1) ?? NaN);
      details.push(`${seconds(idle)} idle, ${seconds(beside)} beside`);
      await company.close();
    }
    const shared = { comparedWith: 'idle system', unit: '×', bar: { atMost: 2 } };
    return [
      {
        ...{ what: `${TENANTS} tenants’ 1,000 rows beside 1,000 files of another, each`, ...shared },
        values: slowest,
        details: `first and last of them: ${details.join('; ')}`,
      },
      {
        what: 'the last of them',
        ...shared,
        values: last,
        details: 'from the request to the end of the import',
      },
    ];
  },
};

const seconds = (tookMs: readonly number[]): string =>
  [0, 1].map((share) => (percentile(tookMs, share) / 1_000).toFixed(2)).join(' to ') + ' s';

/** @returns the median of what the first took, the second, and so on, in ms */
async function byPlace(company: BenchCompany, set: string): Promise<number[]> {
  const took: number[][] = [];
  while (took.length < TIMES) took.push(await everyTenant(company, `${set}${took.length}`));
  return Array.from({ length: TENANTS }, (_, place) => median(took.map((one) => one[place] ?? NaN)));
}

/** Each tenant uploads a file at once. @returns from the request to the end of each import, ascending, in ms */
async function everyTenant({ api }: BenchCompany, set: string): Promise<number[]> {
  const senders = Array.from({ length: TENANTS }, (_, tenant) => ({
    client: new ImportClient(api.url, tokenOf(`${set}-${tenant}`)),
    csv: benchCsv(`${set}x${tenant}x`, 0, ROWS),
  }));
  const took = senders.map(async ({ client, csv }) => {
    const startedAt = Date.now();
    const { importId } = await client.upload(csv);
    const { finishedAt } = await client.ended(importId);
    return Date.parse(finishedAt ?? '') - startedAt;
  });
  return (await Promise.all(took)).sort((a, b) => a - b);
}

/** Settles when all files of one tenant are accepted. @returns whether the last one waits still */
async function sendMany({ api }: BenchCompany): Promise<() => Promise<boolean>> {
  const client = new ImportClient(api.url, tokenOf('storm'));
  let last = '';
  for (let file = 0; file < FILES; file += AT_A_TIME) {
    const sent = Array.from({ length: AT_A_TIME }, (_, index) =>
      client.upload(benchCsv('storm', (file + index) * ROWS, ROWS)),
    );
    last = (await Promise.all(sent)).at(-1)?.importId ?? '';
  }
  return async () => (await client.read(last)).status === 'queued';
}
