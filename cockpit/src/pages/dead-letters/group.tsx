import { Link } from 'wouter-preact';
import type { DeadLetterGroup } from '../../../../src/queue/dead-letters/dead-letter-survey';
import { ago, count } from '../../format';

interface GroupProps {
  queue: string;
  group: DeadLetterGroup;
  /** Left out where nothing may be done now. */
  onAct?: (group: DeadLetterGroup) => void;
}

/** Dead letters of one cause. */
export const Group = ({ queue, group, onAct }: GroupProps) => (
  <section class="card group" aria-label={group.error}>
    <h2>
      {count(group.count)} × <code>{group.error || 'no error text'}</code>
    </h2>
    {group.sample !== group.error && <p class="error">{group.sample}</p>}
    <p class="note">
      {Object.entries(group.types)
        .map(([type, jobs]) => `${type} ${count(jobs)}`)
        .join(', ')}{' '}
      · the oldest {ago(group.oldestMs)}, the newest {ago(group.newestMs)}
    </p>
    <p class="note">
      The newest:{' '}
      {group.jobIds.map((jobId) => (
        <span key={jobId}>
          <Link href={`/jobs/${encodeURIComponent(queue)}/${encodeURIComponent(jobId)}`}>
            <code>{jobId}</code>
          </Link>{' '}
        </span>
      ))}
    </p>
    {onAct && (
      <button
        onClick={() => {
          onAct(group);
        }}
      >
        Replay or delete …
      </button>
    )}
  </section>
);
