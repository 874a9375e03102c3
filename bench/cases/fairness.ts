import { setTimeout as delay } from 'node:timers/promises';
import type { BenchCase } from '../case.ts';
import { percentile } from '../figures.ts';
import { ImportClient, workTime } from '../imports.ts';
import { benchCsv } from '../rows.ts';
import { type BenchCompany, tokenOf } from '../stage.ts';

const LOOK_EVERY_MS = 2;
const CREATES = 100;

/** One worker with a large import to do: its own tenant creates single customers, and another one has a small file. */
export const fairness: BenchCase = {
  name: 'fairness',
  title: 'Small writes while a large import runs',
  async run(stage) {
    const singles: number[] = [];
    const small: number[] = [];
    for (let round = 0; round < stage.rounds; round++) {
      const company = await stage.company();
      await company.open(company.api, ...company.workers);
      const large = new ImportClient(company.api.url, tokenOf('large'));
      const { importId } = await large.upload(benchCsv('l', 0, stage.rows));
      const other = new ImportClient(company.api.url, tokenOf('other'));
      const began = performance.now();
      const own = await other.upload(benchCsv('o', 0, 1_000));
      workTime([await other.ended(own.importId)]);
      small.push((performance.now() - began) / 1_000);
      const took: number[] = [];
      for (let create = 0; create < CREATES; create++) took.push(await persisted(company, create));
      if ((await large.read(importId)).status !== 'processing')
        throw new Error('The large import ended before the small writes: give it more rows');
      singles.push(percentile(took, 0.99));
      await large.ended(importId);
      await company.close();
    }
    return [
      {
        ...{
          what: 'single create persisted beside a large import, p99',
          comparedWith: '500 ms',
          unit: ' ms',
        },
        bar: { atMost: 500 },
        values: singles,
        details: `${CREATES} in each round, from the request to the document`,
      },
      {
        ...{ what: 'another tenant’s 1,000 rows beside it', comparedWith: '5 s', unit: ' s' },
        bar: { atMost: 5 },
        values: small,
        details: 'from the request to the end of the import',
      },
    ];
  },
};

async function persisted({ api, customers }: BenchCompany, number: number): Promise<number> {
  const startedAt = performance.now();
  const answer = await fetch(`${api.url}/api/customer`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tokenOf('large')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Ana Souza', email: `ana${number}@example.com` }),
  });
  const { data } = (await answer.json()) as { data: { customerId: string } };
  while ((await customers.findOne({ _id: data.customerId as never }, { projection: { _id: 1 } })) === null)
    await delay(LOOK_EVERY_MS);
  return performance.now() - startedAt;
}
