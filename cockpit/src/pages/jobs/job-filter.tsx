import type { FindJobsQuery } from '../../../../src/cockpit/jobs/find-jobs.query';
import { useOverview } from '../../health';

/** What is asked for; nothing that is empty. */
export type JobWish = Partial<Record<Exclude<keyof FindJobsQuery, 'limit'>, string>>;

const TEXTS: readonly (readonly [keyof JobWish, string])[] = [
  ['customerId', 'Customer id'],
  ['email', 'Email'],
  ['jobId', 'Job id'],
  ['importId', 'Import id'],
  ['tenantId', 'Tenant'],
  ['requestId', 'Request id'],
  ['type', 'Type'],
  ['error', 'Error, or a part of it'],
];
const STATES = ['waiting', 'active', 'delayed', 'failed', 'completed'];

interface JobFilterProps {
  wish: JobWish;
  isBusy: boolean;
  onFind: (wish: JobWish) => void;
}

export function JobFilter({ wish, isBusy, onFind }: JobFilterProps) {
  const { data } = useOverview();
  const queues = data?.queues.map(({ name }) => name) ?? [];
  return (
    <form
      class="filter"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        const given = [...new FormData(event.currentTarget)].map(
          ([name, value]) => [name, (value as string).trim()] as const,
        );
        onFind(Object.fromEntries(given.filter(([, value]) => value !== '')));
      }}
    >
      {TEXTS.map(([name, label]) => (
        <label key={name}>
          {label}
          <input name={name} defaultValue={wish[name] ?? ''} autocomplete="off" spellcheck={false} />
        </label>
      ))}
      <Choice name="state" label="State" values={STATES} chosen={wish.state} />
      <Choice name="queue" label="Queue" values={queues} chosen={wish.queue} />
      <button class="main" disabled={isBusy}>
        Find
      </button>
    </form>
  );
}

interface ChoiceProps {
  name: string;
  label: string;
  values: readonly string[];
  chosen: string | undefined;
}

const Choice = ({ name, label, values, chosen }: ChoiceProps) => (
  <label>
    {label}
    <select name={name}>
      <option value="">any</option>
      {values.map((value) => (
        <option key={value} value={value} selected={value === chosen}>
          {value}
        </option>
      ))}
    </select>
  </label>
);
