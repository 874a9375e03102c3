import { Link } from 'wouter-preact';
import type { ImportDetailsView, ImportView } from '../../../../src/customer/api/import.view';
import { bytes, count, duration, rate, time } from '../../format';
import { Badge } from '../../parts/badge';
import { Facts } from '../../parts/facts';
import { Page } from '../../parts/page';
import { Problem } from '../../parts/problem';
import { Table } from '../../parts/table';
import { usePolled } from '../../server/use-polled';
import { useMay } from '../../session';
import { importsHref, useTenant } from '../../tenant';
import { ImportActs } from './import-acts';

const LOOK_EVERY_MS = 1_000;

/** One import: how far it is, what came of it, and what can be done with it. */
export function ImportPage({ importId }: { importId: string }) {
  const { tenant } = useTenant();
  const mayAct = useMay('operator');
  const path = `/api/customer/imports/${encodeURIComponent(importId)}`;
  const { data, failure, refresh } = usePolled<ImportDetailsView>(path, LOOK_EVERY_MS, tenant);
  return (
    <Page title="Import">
      <p class="note">
        <code>{importId}</code> of {tenant} · <Link href={importsHref(tenant)}>all imports</Link> ·{' '}
        <Link href={`/jobs?importId=${importId}`}>its jobs</Link>
      </p>
      <Problem text={failure?.message} />
      {data && (
        <>
          <Progress of={data} />
          {mayAct && <ImportActs of={data} tenant={tenant} onDone={refresh} />}
          <Facts of={factsOf(data)} />
          {data.undo && <Undone undo={data.undo} />}
          <Problem text={data.error ?? undefined} />
          <RejectedRows problems={data.problems} rejected={data.counts.rejected} />
        </>
      )}
    </Page>
  );
}

function Progress({
  of: { status, counts, dryRun, rate: rowsPerSecond, estimatedEndAt },
}: {
  of: ImportView;
}) {
  const end = estimatedEndAt === null ? null : Date.parse(estimatedEndAt) - Date.now();
  return (
    <section aria-label="Progress">
      <p role="status">
        <Badge state={status} /> {dryRun && <Badge state="dry run" />} {count(counts.processed)} of{' '}
        {count(counts.rows)} rows
        {rowsPerSecond !== null && `, ${rate(rowsPerSecond)} rows/s`}
        {end !== null && end > 0 && `, about ${duration(end)} left`}
      </p>
      <progress aria-label="Rows that are done" value={counts.processed} max={Math.max(1, counts.rows)} />
    </section>
  );
}

const factsOf = ({ counts, bytes: size, encoding, queuedAt, startedAt, finishedAt }: ImportView) =>
  [
    ['Created', count(counts.created)],
    ['Updated', count(counts.updated)],
    ['Unchanged', count(counts.unchanged)],
    ['Skipped', count(counts.skipped)],
    ['Rejected', count(counts.rejected)],
    ['File', `${bytes(size)}, ${encoding}`],
    ['Accepted', time(queuedAt)],
    ['Started', time(startedAt)],
    ['Ended', time(finishedAt)],
  ] as const;

const Undone = ({ undo }: { undo: NonNullable<ImportView['undo']> }) => (
  <section aria-label="Undo">
    <h2>
      Undo <Badge state={undo.status} />
    </h2>
    <Facts
      of={[
        ['Removed', count(undo.removed)],
        ['Restored', count(undo.restored)],
        ['Conflicts', count(undo.conflicts)],
        ['Ended', time(undo.finishedAt)],
      ]}
    />
  </section>
);

const RejectedRows = ({
  problems,
  rejected,
}: {
  problems: ImportDetailsView['problems'];
  rejected: number;
}) =>
  problems.length === 0 ? null : (
    <>
      <h2>Rejected rows</h2>
      {rejected > problems.length && (
        <p class="note">
          The first {problems.length} of {count(rejected)}; all are in errors.csv.
        </p>
      )}
      <Table caption="Rejected rows" head={['Line', 'Field', 'Reason']}>
        {problems.map(({ line, field, code, message }) => (
          <tr key={`${line} ${field ?? ''} ${code}`}>
            <td>{line}</td>
            <td>{field}</td>
            <td>
              {message} <small>{code}</small>
            </td>
          </tr>
        ))}
      </Table>
    </>
  );
