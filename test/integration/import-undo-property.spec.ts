import { acceptedImport } from '../helpers/customers';
import type { Client } from '../helpers/client';
import { holdsForAll, PROPERTY_TIMEOUT_MS } from '../helpers/property';
import { undo, undoOf, UndoStage } from '../helpers/undo-stage';
import { COLUMNS, undoneImports, type ExistingCustomer, type LaterWrite } from '../model/undone-imports';

const ROWS_OF_A_CHUNK = 1_000;

/** Rejected rows fill each chunk but the last, so that the file is cut as it is meant to be. */
const csvOf = (chunks: string[][]): string => {
  const full = chunks.map((rows, chunk) =>
    chunk === chunks.length - 1
      ? [...rows, 'no email,']
      : [...rows, ...Array.from({ length: ROWS_OF_A_CHUNK - rows.length }, () => 'no email,')],
  );
  return `${[COLUMNS, ...full.flat()].join('\n')}\n`;
};

describe('an import that is undone', () => {
  let stage: UndoStage;

  beforeAll(async () => {
    stage = await UndoStage.build();
  });

  afterAll(async () => {
    await stage.close();
  });

  const prepare = async ({ email, fields, visited }: ExistingCustomer) => {
    const id = await stage.customer({ email, ...fields });
    if (!visited) return;
    await stage.client.post(`/api/customer/${id}/stats`, { spent: '5.05', visits: 2, at: '2026-02-01' });
    await stage.deliveries.drain();
  };
  const write = async (client: Client, id: string, { do: what }: LaterWrite): Promise<string> => {
    const path = `/api/customer/${id}`;
    const { body } = await {
      name: () => client.patch(path, { name: 'Later' }),
      phone: () => client.patch(path, { phone: '555-0199' }),
      'clear attributes': () => client.patch(path, { attributes: null }),
      visit: () => client.post(`${path}/stats`, { spent: '1', visits: 1, at: '2026-03-01' }),
      delete: () => client.delete(path),
    }[what]();
    return body.data.jobId;
  };
  /** By id, what readers see of each customer. */
  const state = async () => {
    const { body } = await stage.client.get('/api/customer?limit=200');
    const items = body.data.items as { id: string; email: string; updatedAt: string }[];
    return new Map(items.map(({ updatedAt: _, ...customer }) => [customer.id, customer]));
  };
  const deliver = async (jobIds: string[], order: { place: number; twin: boolean }[]) => {
    const jobs = jobIds
      .map((jobId, index) => ({ jobId, ...(order[index] ?? { place: 0, twin: false }) }))
      .sort((a, b) => a.place - b.place);
    for (const { jobId, twin } of jobs)
      await stage.deliveries.deliver(jobId, { times: twin ? 2 : 1, atOnce: true });
    await stage.deliveries.drain();
  };

  it(
    'leaves customers as they were before it, but for those that were written since: those stay as they are',
    async () => {
      await holdsForAll(
        undoneImports,
        async ({ existing, chunks, during, after, importing, undoing }) => {
          const client = stage.enter();
          for (const customer of existing) await prepare(customer);
          const before = await state();
          const written = new Set<string>();
          const writeTo = async (writes: LaterWrite[], customers: Awaited<ReturnType<typeof state>>) => {
            const jobIds: string[] = [];
            for (const one of writes) {
              const target = [...customers.values()].find(({ email }) => email === one.email);
              if (!target) continue;
              jobIds.push(await write(client, target.id, one));
              written.add(target.id);
            }
            return jobIds;
          };

          const importId = await acceptedImport(client, csvOf(chunks));
          const jobIds = await stage.deliveries.chunksOf(importId);
          const singles = await writeTo(during, before);
          await deliver([...jobIds, ...singles], [...importing, { place: 10, twin: false }]);
          await writeTo(after, await state());
          await stage.deliveries.drain();
          const imported = await state();
          await undo(client, importId);
          await deliver(await stage.deliveries.chunksOf(importId), undoing);

          const expected = [...imported].flatMap(([id, now]) => {
            const then = before.get(id);
            if (written.has(id)) return [now];
            return then ? [then] : [];
          });
          const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
          expect([...(await state()).values()].sort(byId)).toEqual(expected.sort(byId));
          expect(await undoOf(client, importId)).toMatchObject({ status: 'completed' });
        },
        { runs: 60, limitMs: 15_000 },
      );
    },
    PROPERTY_TIMEOUT_MS,
  );
});
