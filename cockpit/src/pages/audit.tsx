import { useEffect, useState } from 'preact/hooks';
import type { AuditLogView } from '../../../src/audit/audit.view';
import { time } from '../format';
import { Page } from '../parts/page';
import { Problem } from '../parts/problem';
import { Table } from '../parts/table';
import { get } from '../server/api';
import { useAct } from '../server/use-act';

const HEAD = ['When', 'Who', 'What', 'Queue', 'Jobs', 'How'];

/** Who changed what by hand, the newest first. */
export function AuditPage() {
  const [entries, setEntries] = useState<AuditLogView['items']>([]);
  const [cursor, setCursor] = useState<string | null>();
  const more = useAct(async () => {
    const at = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
    const { items, nextCursor } = await get<AuditLogView>(`/admin/api/audit?limit=50${at}`);
    setEntries([...entries, ...items]);
    setCursor(nextCursor);
  });
  useEffect(more.run, []);
  return (
    <Page title="Audit log">
      <Problem text={more.problem} />
      {cursor !== undefined && entries.length === 0 && (
        <p class="calm">Nobody changed anything by hand yet.</p>
      )}
      {entries.length > 0 && (
        <Table caption="Acts, the newest first" head={HEAD}>
          {entries.map((entry) => (
            <tr key={entry.id}>
              <td>{time(entry.at)}</td>
              <td>
                {entry.userId}
                {entry.tenantId !== null && <small> of {entry.tenantId}</small>}
              </td>
              <td>{entry.action}</td>
              <td>{entry.queue}</td>
              <td>{entry.jobIds?.join(', ') ?? entry.count}</td>
              <td>
                {Object.entries(entry.details).map(([name, value]) => (
                  <div key={name}>
                    <small>{name}</small> {String(value)}
                  </div>
                ))}
              </td>
            </tr>
          ))}
        </Table>
      )}
      {cursor && (
        <button onClick={more.run} disabled={more.isRunning}>
          Older ones
        </button>
      )}
    </Page>
  );
}
