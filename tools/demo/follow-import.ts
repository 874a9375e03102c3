import { setTimeout as delay } from 'node:timers/promises';
import { SingleBar } from 'cli-progress';
import { StackProblem } from '../stack/stack-problem.ts';
import type { ImportProgress, ServiceClient } from './service-client.ts';

const ENDED: readonly string[] = ['completed', 'completed_with_errors', 'failed', 'cancelled'];
const DEADLINE_MS = 120_000;

/** Shows an import's progress until it has ended. */
export async function followImport(client: ServiceClient, importId: string): Promise<ImportProgress> {
  const bar = new SingleBar({ format: '  {bar} {percentage}%  {value}/{total} rows', barsize: 40 });
  const deadline = Date.now() + DEADLINE_MS;
  bar.start(0, 0);
  try {
    for (;;) {
      const progress = await client.progressOf(importId);
      bar.setTotal(progress.counts.rows);
      bar.update(progress.counts.processed);
      if (ENDED.includes(progress.status)) return progress;
      if (Date.now() > deadline) {
        throw new StackProblem(`Import ${importId} is still ${progress.status} after two minutes`);
      }
      await delay(100);
    }
  } finally {
    bar.stop();
  }
}
