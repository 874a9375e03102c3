import { Link } from 'wouter-preact';
import type { JobStoryView } from '../../../../src/cockpit/jobs/job-story';
import { duration, time } from '../../format';
import { Badge } from '../../parts/badge';
import { Facts } from '../../parts/facts';
import { Page } from '../../parts/page';
import { Problem } from '../../parts/problem';
import { usePolled } from '../../server/use-polled';
import { importHref } from '../../tenant';

const LOOK_EVERY_MS = 2_000;

/** All that is known of one job, as it goes on. */
export function JobStoryPage({ queue, jobId }: { queue: string; jobId: string }) {
  const path = `/admin/api/jobs/${encodeURIComponent(queue)}/${encodeURIComponent(jobId)}`;
  const { data, failure } = usePolled<JobStoryView>(path, LOOK_EVERY_MS);
  return (
    <Page title={data?.type ?? 'Job'}>
      <p class="note">
        <code>{jobId}</code> of {queue}
        {data?.source === 'queue' && (
          <>
            {' · '}
            <a href={`/admin/queues/queue/${encodeURIComponent(queue)}/${encodeURIComponent(jobId)}`}>
              in Bull Board
            </a>
          </>
        )}
      </p>
      <Problem text={failure?.message} />
      {data && <Story of={data} />}
    </Page>
  );
}

const Story = ({ of: story }: { of: JobStoryView }) => (
  <>
    <p>
      <Badge state={story.state} />{' '}
      {story.source === 'history' && (
        <span class="note">The queue has it no more; this is what is remembered.</span>
      )}
    </p>
    <Problem text={story.error ?? undefined} />
    <Facts of={factsOf(story)} />
    <h2>Events</h2>
    {story.events.length === 0 ? (
      <p class="note">None that is still kept.</p>
    ) : (
      <ol class="events">
        {story.events.map(({ place, type, at }) => (
          <li key={place}>
            <time dateTime={at}>{time(at)}</time> {type}
          </li>
        ))}
      </ol>
    )}
    <h2>Payload</h2>
    {story.masked && <p class="note">Personal data is masked: an admin sees it.</p>}
    {story.payload === null ? <p class="note">Not kept.</p> : <Json of={story.payload} name="Payload" />}
    <h2>Result</h2>
    <Json of={story.result} name="Result" />
    {story.stack.length > 0 && (
      <>
        <h2>Errors of its attempts</h2>
        {story.stack.map((text, index) => (
          // They have nothing else to be told apart by, and only grow.
          <pre key={index} tabIndex={0}>
            {text}
          </pre>
        ))}
      </>
    )}
  </>
);

const Json = ({ of: value, name }: { of: unknown; name: string }) => (
  <pre tabIndex={0} role="region" aria-label={name}>
    {JSON.stringify(value, null, 2)}
  </pre>
);

const factsOf = (story: JobStoryView) =>
  [
    ['Tenant', story.tenantId ?? '–'],
    ['User', story.userId ?? '–'],
    ['Request', <code key="request">{story.requestId}</code>],
    ['Customer', <code key="customer">{story.customerId}</code>],
    [
      'Import',
      story.importId === null ? (
        '–'
      ) : (
        <Link href={importHref(story.importId, story.tenantId ?? '')}>{story.importId}</Link>
      ),
    ],
    ['Attempts', `${story.attempts}${story.maxAttempts === null ? '' : ` of ${story.maxAttempts}`}`],
    ['Stalled', story.stalled],
    ['Priority', story.priority],
    ['Accepted', time(story.queuedAt)],
    ['Due', time(story.dueAt)],
    ['Started', time(story.startedAt)],
    ['Ended', time(story.finishedAt)],
    ['Waited', duration(story.waitMs)],
    ['Ran', duration(story.runMs)],
  ] as const;
