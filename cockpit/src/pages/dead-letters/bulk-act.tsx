import { useEffect, useState } from 'preact/hooks';
import type { DeadLetterFilterDto } from '../../../../src/cockpit/dead-letters/dead-letter-filter.dto';
import type { DeadLettersCounted } from '../../../../src/cockpit/dead-letters/dead-letters.controller';
import type { Act } from '../../../../src/queue/dead-letters/act-store';
import { count } from '../../format';
import { Dialog } from '../../parts/dialog';
import { Problem } from '../../parts/problem';
import { send } from '../../server/api';
import { useAct } from '../../server/use-act';

interface BulkActProps {
  queue: string;
  /** Of a group; all causes where it is left out. */
  error?: string;
  onClose: () => void;
}

const PER_SECOND = 50;
/** Nothing is counted while a person types. */
const TYPING_MS = 250;

/** Says how many a filter means before anything is done to them. */
export function BulkAct({ queue, error, onClose }: BulkActProps) {
  const [filter, setFilter] = useState<DeadLetterFilterDto>(error === undefined ? {} : { error });
  const [seen, setSeen] = useState<DeadLettersCounted & { of: DeadLetterFilterDto }>();
  const [perSecond, setPerSecond] = useState<number | undefined>(PER_SECOND);

  const look = useAct(async (of: DeadLetterFilterDto) => {
    const found = await send<DeadLettersCounted>('POST', '/admin/api/dead-letters/count', {
      body: { queue, filter: of },
    });
    setSeen({ of, ...found });
  });
  const act = useAct(async (what: Act) => {
    // What died since it was counted, nobody has seen.
    const to = [filter.to, seen?.at].filter((at) => at !== undefined).toSorted()[0];
    const body = { queue, filter: { ...filter, ...(to !== undefined && { to }) }, act: what, perSecond };
    await send('POST', '/admin/api/dead-letters/acts', { body });
    onClose();
  });
  useEffect(() => {
    const timer = window.setTimeout(() => {
      look.run(filter);
    }, TYPING_MS);
    return () => {
      window.clearTimeout(timer);
    };
  }, [filter]);
  /** Of this very filter, or not known yet. */
  const counted = seen?.of === filter ? seen.count : undefined;

  const narrow = (field: keyof DeadLetterFilterDto, value: string): void => {
    const { [field]: _, ...others } = filter;
    setFilter(value === '' ? others : { ...others, [field]: value });
  };
  const canAct = counted !== undefined && counted > 0 && perSecond !== undefined && !act.isRunning;
  return (
    <Dialog title="Replay or delete dead letters" onClose={onClose}>
      {error !== undefined && <p class="error">{error}</p>}
      <div class="filter">
        <Field
          label="Type"
          onChange={(value) => {
            narrow('type', value);
          }}
        />
        <Field
          label="Tenant"
          onChange={(value) => {
            narrow('tenantId', value);
          }}
        />
        <Field
          label="Died after"
          type="datetime-local"
          onChange={(value) => {
            narrow('from', toInstant(value));
          }}
        />
        <Field
          label="Died before"
          type="datetime-local"
          onChange={(value) => {
            narrow('to', toInstant(value));
          }}
        />
        <label>
          Jobs per second
          <input
            type="number"
            min={1}
            max={1000}
            required
            defaultValue={String(PER_SECOND)}
            onInput={(event) => {
              setPerSecond(
                event.currentTarget.validity.valid ? event.currentTarget.valueAsNumber : undefined,
              );
            }}
          />
        </label>
      </div>
      <p role="status">
        {counted === undefined ? 'Counting …' : `This means ${count(counted)} dead letters.`}
      </p>
      <Problem text={look.problem ?? act.problem} />
      <form method="dialog" class="acts">
        <button>Leave them</button>
        <button
          type="button"
          class="danger"
          disabled={!canAct}
          onClick={() => {
            act.run('delete');
          }}
        >
          Delete {count(counted ?? 0)}
        </button>
        <button
          type="button"
          class="main"
          disabled={!canAct}
          onClick={() => {
            act.run('replay');
          }}
        >
          Replay {count(counted ?? 0)}
        </button>
      </form>
    </Dialog>
  );
}

/** @param local as the browser's own field has it @returns ISO 8601 */
const toInstant = (local: string): string => (local === '' ? '' : new Date(local).toISOString());

interface FieldProps {
  label: string;
  type?: string;
  onChange: (value: string) => void;
}

const Field = ({ label, type = 'text', onChange }: FieldProps) => (
  <label>
    {label}
    <input
      type={type}
      autocomplete="off"
      onInput={(event) => {
        onChange(event.currentTarget.value.trim());
      }}
    />
  </label>
);
