import type { ActProgress as Progress } from '../../../../src/queue/dead-letters/act-store';
import { count, time } from '../../format';
import { Badge } from '../../parts/badge';
import { Problem } from '../../parts/problem';
import { send } from '../../server/api';
import { useAct } from '../../server/use-act';

interface ActProgressProps {
  queue: string;
  act: Progress;
  mayCancel: boolean;
  onCancelled: () => void;
}

const NAMES: Record<Progress['act'], string> = { replay: 'Replay', delete: 'Deletion' };

/** The replay or deletion that is running, or the last one. */
export function ActProgress({ queue, act, mayCancel, onCancelled }: ActProgressProps) {
  const cancel = useAct(async () => {
    await send('DELETE', `/admin/api/dead-letters/acts/${encodeURIComponent(queue)}`);
    onCancelled();
  });
  const turns = act.done + act.skipped;
  return (
    <section class="card" aria-label={NAMES[act.act]}>
      <p role="status">
        <strong>{NAMES[act.act]}</strong> <Badge state={act.status} /> {count(act.done)} of {count(act.total)}
        {act.skipped > 0 && `, ${count(act.skipped)} were not dead any more`} · {act.perSecond} a second · by{' '}
        {act.by}, {time(act.startedAt)}
      </p>
      <progress aria-label="Jobs that had their turn" value={turns} max={Math.max(1, act.total)} />
      {act.status === 'running' && mayCancel && (
        <button onClick={cancel.run} disabled={cancel.isRunning}>
          Stop it
        </button>
      )}
      <Problem text={cancel.problem} />
    </section>
  );
}
