import { useState } from 'preact/hooks';
import type { ImportView } from '../../../../src/customer/api/import.view';
import { Dialog } from '../../parts/dialog';
import { Problem } from '../../parts/problem';
import { download, send } from '../../server/api';
import { useAct } from '../../server/use-act';

interface ImportActsProps {
  of: ImportView;
  tenant: string;
  onDone: () => void;
}

type Asked = 'cancel' | 'undo';

const QUESTIONS: Record<Asked, { title: string; text: string }> = {
  cancel: {
    title: 'Cancel this import?',
    text: 'Nothing more of it is begun. What was written stays, and is counted.',
  },
  undo: {
    title: 'Undo this import?',
    text: 'It deletes the customers that it created and puts back what it changed. Customers that were changed since stay as they are, and are listed as conflicts.',
  },
};

/** Cancel, undo, and the downloads. */
export function ImportActs({ of: view, tenant, onDone }: ImportActsProps) {
  const { importId, status, dryRun, undo } = view;
  const [asked, setAsked] = useState<Asked>();
  const path = `/api/customer/imports/${importId}`;
  const act = useAct(async (what: Asked) => {
    await send('POST', `${path}/${what}`, { tenant });
    setAsked(undefined);
    onDone();
  });
  const save = useAct((what: string) => download(`${path}/${what}.csv`, `${importId}-${what}.csv`, tenant));
  const isOver = !['queued', 'processing'].includes(status);
  const canUndo = isOver && status !== 'failed' && !dryRun && undo === null;
  return (
    <>
      <p class="acts">
        {!isOver && view.cancelRequestedAt === null && (
          <button
            onClick={() => {
              setAsked('cancel');
            }}
          >
            Cancel
          </button>
        )}
        {canUndo && (
          <button
            onClick={() => {
              setAsked('undo');
            }}
          >
            Undo
          </button>
        )}
        {['results', 'errors', ...(undo ? ['conflicts'] : [])].map((what) => (
          <button
            key={what}
            disabled={save.isRunning}
            onClick={() => {
              save.run(what);
            }}
          >
            {what}.csv
          </button>
        ))}
      </p>
      <Problem text={save.problem} />
      {asked && (
        <Dialog
          title={QUESTIONS[asked].title}
          onClose={() => {
            setAsked(undefined);
          }}
        >
          <p>{QUESTIONS[asked].text}</p>
          <Problem text={act.problem} />
          <form method="dialog" class="acts">
            <button>Leave it</button>
            <button
              type="button"
              class="main"
              disabled={act.isRunning}
              onClick={() => {
                act.run(asked);
              }}
            >
              {asked === 'cancel' ? 'Cancel the import' : 'Undo the import'}
            </button>
          </form>
        </Dialog>
      )}
    </>
  );
}
