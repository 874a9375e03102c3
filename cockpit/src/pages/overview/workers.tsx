import type { SeenWorker } from '../../../../src/monitoring/workers/worker-reports';
import { bytes, count, duration } from '../../format';
import { Table } from '../../parts/table';

const HEAD = ['Host', 'Version', 'Up for', 'Jobs now', 'Memory', 'Last seen'];

/** Processes that take jobs, by their own account. */
export function Workers({ workers }: { workers: readonly SeenWorker[] }) {
  if (workers.length === 0) return <p class="note">No worker has told of itself.</p>;
  return (
    <Table caption="Workers" head={HEAD}>
      {workers.map((worker) => (
        <tr key={worker.id}>
          <td>
            {worker.host}:{worker.pid}
          </td>
          <td>{worker.version}</td>
          <td>{duration(Date.parse(worker.lastSeenAt) - Date.parse(worker.startedAt))}</td>
          <td>
            {count(worker.active)} of {count(worker.concurrency)}
          </td>
          <td>{bytes(worker.memory)}</td>
          <td>{duration(worker.silentMs)} ago</td>
        </tr>
      ))}
    </Table>
  );
}
