import { useState } from 'preact/hooks';
import { useSearchParams } from 'wouter-preact';
import type { GroupsView } from '../../../../src/cockpit/dead-letters/dead-letters.controller';
import type { DeadLetterGroup } from '../../../../src/queue/dead-letters/dead-letter-survey';
import { count } from '../../format';
import { useOverview } from '../../health';
import { Page } from '../../parts/page';
import { Problem } from '../../parts/problem';
import { usePolled } from '../../server/use-polled';
import { useMay } from '../../session';
import { ActProgress } from './act-progress';
import { BulkAct } from './bulk-act';
import { Group } from './group';

const LOOK_EVERY_MS = 2_000;

/** What died, by its cause, and what is done about it. */
export function DeadLettersPage() {
  const [search, setSearch] = useSearchParams();
  const { data: overview } = useOverview();
  const queues = overview?.queues ?? [];
  const queue = search.get('queue') ?? queues.find(({ depth }) => depth.failed > 0)?.name ?? queues[0]?.name;
  return (
    <Page title="Dead letters">
      <label class="row">
        Queue
        <select
          value={queue}
          onChange={(event) => {
            setSearch({ queue: event.currentTarget.value }, { replace: true });
          }}
        >
          {queues.map(({ name, depth }) => (
            <option key={name} value={name}>
              {name} ({count(depth.failed)})
            </option>
          ))}
        </select>
      </label>
      {queue !== undefined && <Letters key={queue} queue={queue} />}
    </Page>
  );
}

function Letters({ queue }: { queue: string }) {
  const { data, failure, refresh } = usePolled<GroupsView>(
    `/admin/api/dead-letters?queue=${encodeURIComponent(queue)}`,
    LOOK_EVERY_MS,
  );
  const mayAct = useMay('operator');
  const [meant, setMeant] = useState<DeadLetterGroup | 'all'>();
  const isRunning = data?.act?.status === 'running';
  return (
    <>
      <Problem text={failure?.message} />
      {data?.act && <ActProgress queue={queue} act={data.act} mayCancel={mayAct} onCancelled={refresh} />}
      {data?.total === 0 && <p class="calm">Nothing died.</p>}
      {data && data.total > 0 && (
        <>
          <p role="status">
            {count(data.total)} dead letters of {data.groups.length} causes.
          </p>
          {mayAct && (
            <button
              disabled={isRunning}
              onClick={() => {
                setMeant('all');
              }}
            >
              Choose by type, tenant or time …
            </button>
          )}
          {data.groups.map((group) => (
            <Group
              key={group.error}
              queue={queue}
              group={group}
              {...(mayAct && !isRunning && { onAct: setMeant })}
            />
          ))}
        </>
      )}
      {meant && (
        <BulkAct
          queue={queue}
          {...(meant !== 'all' && { error: meant.error })}
          onClose={() => {
            setMeant(undefined);
            refresh();
          }}
        />
      )}
    </>
  );
}
