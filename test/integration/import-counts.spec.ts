import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { Client } from '../helpers/client';
import { acceptedImport } from '../helpers/customers';
import { holdsForAll, PROPERTY_TIMEOUT_MS } from '../helpers/property';
import { createTestApp, type TestApp } from '../helpers/test-app';

/** Rows of a file, each so often, of people that are there, twice in the file, or no people at all. */
const files = fc.record({
  rule: fc.constantFrom('update', 'skip', 'fail'),
  dryRun: fc.boolean(),
  repeats: fc.integer({ min: 1, max: 900 }),
  kinds: fc.array(fc.constantFrom('new', 'twice', 'known', 'invalid'), { minLength: 1, maxLength: 5 }),
});

describe('the counts of an import', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await createTestApp();
  });

  afterAll(async () => {
    await app.close();
  });

  const csvOf = ({ kinds, repeats }: { kinds: string[]; repeats: number }): string => {
    const emails = Array.from({ length: repeats }, (_, row) =>
      kinds.map(
        (kind) =>
          ({
            new: `${randomUUID()}@example.com`,
            twice: `t${row % 50}@example.com`,
            known: 'known@example.com',
          })[kind] ?? 'invalid',
      ),
    ).flat();
    return `name,email\nAna,known@example.com\n${emails.map((email, row) => `Ana ${row % 3},${email}\n`).join('')}`;
  };
  const seenOf = async (client: Client, importId: string) => {
    const seen = [];
    for (;;) {
      const { body } = await client.get(`/api/customer/imports/${importId}`);
      seen.push(body.data);
      if (!['queued', 'processing'].includes(body.data.status)) return seen;
    }
  };

  it(
    'add up at every moment, never sink, and are those of its results at the end',
    async () => {
      await holdsForAll(
        files,
        async (file) => {
          const client = app.client();
          const csv = csvOf(file);
          const importId = await acceptedImport(
            client,
            csv,
            `?onDuplicate=${file.rule}&dryRun=${file.dryRun}`,
          );

          const seen = await seenOf(client, importId);
          const { body } = await client.get(`/api/customer/imports/${importId}/results.csv`);

          let before = 0;
          for (const { counts } of seen) {
            const { rows: _rows, processed, ...outcomes } = counts as Record<string, number>;
            expect(processed).toBe(Object.values(outcomes).reduce((sum, count) => sum + count, 0));
            expect(processed).toBeGreaterThanOrEqual(before);
            before = processed ?? 0;
          }
          const last = seen.at(-1);
          const results = String(body)
            .split('\r\n')
            .slice(1, -1)
            .map((line) => line.split(','));
          const counted = Object.groupBy(results, ([, outcome = '']) => outcome);
          expect(last.counts.processed).toBe(csv.split('\n').length - 2);
          expect(results.map(([line]) => Number(line))).toEqual(results.map((_, row) => row + 2));
          for (const outcome of ['created', 'updated', 'unchanged', 'skipped', 'rejected'])
            expect([outcome, counted[outcome]?.length ?? 0]).toEqual([outcome, last.counts[outcome]]);
        },
        { runs: 20, limitMs: 10_000 },
      );
    },
    PROPERTY_TIMEOUT_MS,
  );
});
