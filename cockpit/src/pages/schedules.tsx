import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import type {
  DelayedJobView,
  LastRunView,
  ScheduleView,
  SchedulesView,
} from '../../../src/cockpit/schedules/schedules.view';
import { count, time } from '../format';
import { Badge } from '../parts/badge';
import { Page } from '../parts/page';
import { Problem } from '../parts/problem';
import { Table } from '../parts/table';
import { send } from '../server/api';
import { useAct } from '../server/use-act';
import { usePolled } from '../server/use-polled';
import { useMay } from '../session';

const LOOK_EVERY_MS = 3_000;
const API = '/admin/api/schedules';
const REPEATING = ['Schedule', 'Cron', 'Next run', 'Last run', 'Now'];
const DELAYED = ['Job', 'Queue', 'Tenant', 'Due', 'Now'];

/** What runs later: again and again, or once. */
export function SchedulesPage() {
  const [cursors, setCursors] = useState<string[]>([]);
  const cursor = cursors.at(-1);
  const path =
    cursor === undefined ? `${API}?limit=50` : `${API}?limit=50&cursor=${encodeURIComponent(cursor)}`;
  const { data, failure, refresh } = usePolled<SchedulesView>(path, LOOK_EVERY_MS);
  const [done, setDone] = useState<string>();
  const run = useAct(async (what: string, of: string) => {
    await send('POST', `${API}/${what}/run`);
    setDone(`${of} was put on its queue.`);
    refresh();
  });
  return (
    <Page title="Schedules">
      <Problem text={failure?.message ?? run.problem} />
      <p role="status">{done}</p>
      {data && (
        <>
          <h2>Again and again</h2>
          <Repeating schedules={data.repeating} onRun={run.run} isBusy={run.isRunning} />
          <h2>Later, once</h2>
          <p class="note">
            {data.delayed.total === 0
              ? 'Nothing is planned, and nothing waits for its next attempt.'
              : `${count(data.delayed.total)} jobs that are planned or wait for their next attempt, the next first.`}
          </p>
          <Delayed jobs={data.delayed.items} onRun={run.run} isBusy={run.isRunning} />
        </>
      )}
      <p class="acts">
        {cursor !== undefined && (
          <button
            onClick={() => {
              setCursors(cursors.slice(0, -1));
            }}
          >
            Sooner ones
          </button>
        )}
        {data?.delayed.nextCursor && (
          <button
            onClick={() => {
              setCursors([...cursors, data.delayed.nextCursor ?? '']);
            }}
          >
            Later ones
          </button>
        )}
      </p>
    </Page>
  );
}

interface RunProps {
  onRun: (what: string, of: string) => void;
  isBusy: boolean;
}

function Repeating({ schedules, onRun, isBusy }: RunProps & { schedules: readonly ScheduleView[] }) {
  const mayRun = useMay('operator');
  if (schedules.length === 0) return <p class="note">No worker has set a schedule yet.</p>;
  return (
    <Table caption="Schedules" head={REPEATING}>
      {schedules.map(({ queue, id, type, cron, tz, next, lastRun }) => (
        <tr key={`${queue} ${id}`}>
          <td>
            {type}
            <br />
            <small>{queue}</small>
          </td>
          <td>
            <code>{cron}</code> <small>{tz}</small>
          </td>
          <td>{time(next)}</td>
          <td>{lastRun ? <LastRun of={lastRun} /> : 'not yet'}</td>
          <td>
            {mayRun && (
              <button
                disabled={isBusy}
                aria-label={`Run ${type} now`}
                onClick={() => {
                  onRun(`${encodeURIComponent(queue)}/${encodeURIComponent(id)}`, type);
                }}
              >
                Run
              </button>
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}

const LastRun = ({ of: { at, status, result, error } }: { of: LastRunView }) => (
  <>
    <Badge state={status} /> {time(at)}
    <br />
    <small>{error ?? summary(result)}</small>
  </>
);

/** Counts of a run in one line. */
const summary = (result: unknown): string =>
  typeof result === 'object' && result !== null
    ? Object.entries(result)
        .map(([name, value]) => `${name}: ${String(value)}`)
        .join(', ')
    : '';

function Delayed({ jobs, onRun, isBusy }: RunProps & { jobs: readonly DelayedJobView[] }) {
  const mayRun = useMay('operator');
  if (jobs.length === 0) return null;
  return (
    <Table caption="Delayed jobs" head={DELAYED}>
      {jobs.map(({ queue, jobId, type, tenantId, due }) => (
        <tr key={`${queue} ${jobId}`}>
          <td>
            <Link href={`/jobs/${encodeURIComponent(queue)}/${encodeURIComponent(jobId)}`}>{type}</Link>
            <br />
            <code>{jobId}</code>
          </td>
          <td>{queue}</td>
          <td>{tenantId}</td>
          <td>{time(due)}</td>
          <td>
            {mayRun && !jobId.startsWith('repeat:') && (
              <button
                disabled={isBusy}
                aria-label={`Run ${jobId} now`}
                onClick={() => {
                  onRun(`delayed/${encodeURIComponent(queue)}/${encodeURIComponent(jobId)}`, type);
                }}
              >
                Run
              </button>
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}
