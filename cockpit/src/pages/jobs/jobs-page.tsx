import { useEffect, useState } from 'preact/hooks';
import { Link, useSearchParams } from 'wouter-preact';
import type { FoundJobsView } from '../../../../src/cockpit/jobs/found-jobs.view';
import { count, duration, time } from '../../format';
import { Badge } from '../../parts/badge';
import { Page } from '../../parts/page';
import { Problem } from '../../parts/problem';
import { Table } from '../../parts/table';
import { get } from '../../server/api';
import { useAct } from '../../server/use-act';
import { JobFilter, type JobWish } from './job-filter';

const HEAD = ['Job', 'State', 'Tenant', 'Customer', 'Accepted', 'Attempts', 'Error'];

/** Finds a job by anything that is in it. The address has what was asked, but no email. */
export function JobsPage() {
  const [search, setSearch] = useSearchParams();
  const [wish, setWish] = useState<JobWish>(() => Object.fromEntries(search));
  const [found, setFound] = useState<FoundJobsView>();
  const find = useAct(async (of: JobWish) => {
    setFound(await get<FoundJobsView>(`/admin/api/jobs?${new URLSearchParams({ ...of, limit: '100' })}`));
  });

  useEffect(() => {
    if (Object.keys(wish).length > 0) find.run(wish);
  }, []);

  return (
    <Page title="Jobs">
      <JobFilter
        wish={wish}
        isBusy={find.isRunning}
        onFind={(asked) => {
          const { email: _, ...shown } = asked;
          setWish(asked);
          setSearch(shown, { replace: true });
          find.run(asked);
        }}
      />
      <Problem text={find.problem} />
      {found && <Found jobs={found} />}
    </Page>
  );
}

const Found = ({ jobs: { items, searched, complete, tookMs } }: { jobs: FoundJobsView }) => (
  <>
    <p role="status">
      {items.length === 0 ? 'No such job' : count(items.length)} among {count(searched)} in the queues, and
      the history, in {duration(tookMs)}.{!complete && ' There may be more: narrow it down.'}
    </p>
    {items.length > 0 && (
      <Table caption="Jobs that were found" head={HEAD}>
        {items.map((job) => (
          <tr key={job.queue + job.jobId}>
            <td>
              <Link href={`/jobs/${encodeURIComponent(job.queue)}/${encodeURIComponent(job.jobId)}`}>
                {job.type}
              </Link>
              <br />
              <code>{job.jobId}</code>
            </td>
            <td>
              <Badge state={job.state} />
            </td>
            <td>{job.tenantId}</td>
            <td>
              <code>{job.customerId ?? job.importId}</code>
            </td>
            <td>{time(job.queuedAt)}</td>
            <td>{job.attempts}</td>
            <td class="error">{job.error}</td>
          </tr>
        ))}
      </Table>
    )}
  </>
);
