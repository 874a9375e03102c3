import { randomUUID } from 'node:crypto';
import type { Accepted } from '../client.ts';
import { csvOf } from '../csv.ts';
import type { Scenario } from '../scenario.ts';

/** Five times the same upload under one key: cut off, side by side, and afterwards. It is one import. */
export const uploadRetried: Scenario = {
  name: 'upload-retried',
  title: () => 'same upload sent 5 times with one key',
  inShortForm: true,
  cast: () => ({ workers: 1 }),
  async run(stage) {
    const rows = stage.pick({ full: 20_000, short: 3_000 });
    const prefix = `retried-${randomUUID().slice(0, 8)}`;
    const upload = {
      method: 'POST',
      path: '/api/customer/upload',
      csv: csvOf(prefix, rows),
      key: randomUUID(),
    } as const;
    const answers: (Accepted | undefined)[] = [];

    await stage.client.attempt({ ...upload, timeoutMs: 5 });
    // That one was given up by the client on purpose.
    stage.attempts.hung = 0;
    answers.push(...(await Promise.all([stage.client.write(upload), stage.client.write(upload)])));
    answers.push(await stage.client.write(upload));
    answers.push(await stage.client.write(upload));

    const ids = new Set(answers.map((answer) => answer?.importId));
    const list = (await stage.client.read('/api/customer/imports')) as { items: unknown[] } | undefined;
    const imports = list?.items.length ?? 0;
    stage.twice += Math.max(0, imports - 1);
    if (ids.size !== 1) stage.problems.push(`4 answers under one key name ${ids.size} imports`);
    if (imports !== 1) stage.problems.push(`the same upload under one key became ${imports} imports`);
    const [importId = ''] = [...ids].filter((id) => id !== undefined);
    stage.ledger.uploaded({ importId, prefix, rows });
  },
};
