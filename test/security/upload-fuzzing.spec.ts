import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { buildCsv } from '../factories/csv';
import type { Client } from '../helpers/client';
import { holdsForAll, PROPERTY_TIMEOUT_MS } from '../helpers/property';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitForImport } from '../helpers/wait';

/** A good file with some of its bytes overwritten, cut off at a place, in one encoding or another, packed or not. */
const damaged = fc
  .record({
    encoding: fc.constantFrom<BufferEncoding>('utf8', 'latin1', 'utf16le'),
    flips: fc.array(fc.tuple(fc.nat(1_999), fc.constantFrom(0, 10, 34, 44, 128, 255)), { maxLength: 3 }),
    cutAt: fc.option(fc.nat(1_500), { nil: undefined }),
    packed: fc.boolean(),
  })
  .map(({ encoding, flips, cutAt, packed }) => {
    const mark = encoding === 'utf16le' ? '\ufeff' : '';
    const file = Buffer.from(mark + buildCsv({ rows: 20 }).replaceAll('Customer', 'Zoë'), encoding);
    const bytes = packed ? gzipSync(file) : file;
    for (const [at, value] of flips) if (at < bytes.length) bytes[at] = value;
    return { bytes: bytes.subarray(0, cutAt), packed };
  });

/** OWASP API4:2023 and API8:2023 */
describe('an upload of a damaged file', () => {
  let app: TestApp;
  let client: Client;

  beforeAll(async () => {
    app = await createTestApp({ role: 'all' });
    client = app.client();
  });

  afterAll(async () => {
    await app.close();
  });

  it(
    'is refused, or becomes an import that ends with counts that add up',
    async () => {
      await holdsForAll(
        damaged,
        async ({ bytes, packed }) => {
          const { status, body } = await client.upload(
            bytes,
            '',
            packed ? { 'content-encoding': 'gzip' } : {},
          );
          expect([202, 400, 413, 415]).toContain(status);
          if (status !== 202) return;

          const { counts } = await waitForImport(client, body.data.importId);
          const { rows, processed, created, updated, unchanged, skipped, rejected } = counts as Record<
            string,
            number
          >;
          expect([rows, processed]).toEqual([body.data.rows, body.data.rows]);
          const ended = [created, updated, unchanged, skipped, rejected];
          expect(ended.reduce<number>((sum, count = NaN) => sum + count, 0)).toBe(rows);
        },
        { runs: 60, limitMs: 20_000 },
      );
    },
    PROPERTY_TIMEOUT_MS,
  );
});
