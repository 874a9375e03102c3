import { Link } from 'wouter-preact';
import type { ImportPageView } from '../../../../src/customer/api/import.view';
import { count, time } from '../../format';
import { Badge } from '../../parts/badge';
import { Page } from '../../parts/page';
import { Problem } from '../../parts/problem';
import { Table } from '../../parts/table';
import { usePolled } from '../../server/use-polled';
import { useMay } from '../../session';
import { importHref, useTenant } from '../../tenant';
import { NewImport } from './new-import';

const LOOK_EVERY_MS = 3_000;
const HEAD = ['Import', 'State', 'Rows', 'Created', 'Updated', 'Rejected', 'Accepted'];

/** A tenant's imports, and the way to a new one. */
export function ImportsPage() {
  const { tenant, isFixed, choose } = useTenant();
  const mayImport = useMay('operator');
  return (
    <Page title="Imports">
      {isFixed ? (
        <p class="note">Of the tenant {tenant}.</p>
      ) : (
        <form
          class="row"
          onSubmit={(event) => {
            event.preventDefault();
            const named = new FormData(event.currentTarget).get('tenant');
            if (typeof named === 'string') choose(named.trim());
          }}
        >
          <label>
            Tenant
            <input name="tenant" required defaultValue={tenant} autocomplete="off" spellcheck={false} />
          </label>
          <button>Show</button>
        </form>
      )}
      {tenant !== '' && mayImport && <NewImport key={tenant} tenant={tenant} />}
      {tenant !== '' && <ImportList tenant={tenant} />}
    </Page>
  );
}

function ImportList({ tenant }: { tenant: string }) {
  const { data, failure } = usePolled<ImportPageView>(
    '/api/customer/imports?limit=50',
    LOOK_EVERY_MS,
    tenant,
  );
  return (
    <>
      <h2>The newest</h2>
      <Problem text={failure?.message} />
      {data?.items.length === 0 && <p class="note">{tenant} has no imports.</p>}
      {data && data.items.length > 0 && (
        <Table caption={`Imports of ${tenant}`} head={HEAD}>
          {data.items.map(({ importId, status, dryRun, counts, queuedAt, undo }) => (
            <tr key={importId}>
              <td>
                <Link href={importHref(importId, tenant)}>
                  <code>{importId}</code>
                </Link>
              </td>
              <td>
                <Badge state={status} /> {dryRun && <Badge state="dry run" />}{' '}
                {undo && <Badge state={`undo ${undo.status}`} />}
              </td>
              <td>{count(counts.rows)}</td>
              <td>{count(counts.created)}</td>
              <td>{count(counts.updated)}</td>
              <td>{count(counts.rejected)}</td>
              <td>{time(queuedAt)}</td>
            </tr>
          ))}
        </Table>
      )}
    </>
  );
}
