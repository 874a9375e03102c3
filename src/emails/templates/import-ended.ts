import type { CloudEvent, ImportEventData } from '../../events/customer-events';
import type { Content, Template } from './content';
import { inWords, madeAtMs } from './duration';

type Ended = Pick<CloudEvent, 'tenantid' | 'time'> & { data: ImportEventData };

const COUNTS = ['rows', 'created', 'updated', 'unchanged', 'skipped', 'rejected'];

export const importCompleted: Template<'customer.import.completed'> = (event, publicUrl) => {
  const { rows = 0, rejected = 0 } = event.data.counts;
  const exceptFor = rejected === 0 ? '' : `, ${rejected} of ${rows} rows rejected`;
  return importEnded(`is completed${exceptFor}`, event, publicUrl);
};

export const importFailed: Template<'customer.import.failed'> = (event, publicUrl) => {
  const content = importEnded('failed', event, publicUrl);
  return { ...content, facts: [['Reason', event.data.reason], ...content.facts] };
};

export const importCancelled: Template<'customer.import.cancelled'> = (event, publicUrl) =>
  importEnded('was cancelled', event, publicUrl);

function importEnded(how: string, { data, tenantid, time }: Ended, publicUrl: string | undefined): Content {
  const { importId, counts, userId, dryRun = false } = data;
  const name = dryRun ? 'Dry run of import' : 'Import';
  const madeAt = madeAtMs(importId);
  return {
    subject: `${name} ${importId} ${how}`,
    lead: `${name} ${importId} ${how}.${dryRun ? ' It was a dry run: no customer was written.' : ''}`,
    facts: [
      ...COUNTS.flatMap((count): Content['facts'] => {
        const number = counts[count];
        return number === undefined ? [] : [[`${count.charAt(0).toUpperCase()}${count.slice(1)}`, number]];
      }),
      ...(madeAt === undefined
        ? []
        : ([['Took, with waiting', inWords(Date.parse(time) - madeAt)]] satisfies Content['facts'])),
      ['Import', importId],
      ['By', userId],
      ['Tenant', tenantid],
      ['At', time],
    ],
    links: publicUrl === undefined ? [] : linksOf(`${publicUrl}/api/customer/imports`, importId, counts),
  };
}

function linksOf(imports: string, importId: string, { rejected = 0 }: Record<string, number>) {
  const url = `${imports}/${encodeURIComponent(importId)}`;
  const results = { label: 'Results', url: `${url}/results.csv` };
  return rejected === 0 ? [results] : [results, { label: 'Rejected rows', url: `${url}/errors.csv` }];
}
