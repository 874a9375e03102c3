import { acceptedImport } from '../helpers/customers';
import type { Client } from '../helpers/client';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitFor, waitForImport } from '../helpers/wait';

/** Together more than one document of MongoDB holds, and than the buffer in which BSON is made. */
const ROWS = 400;
const KEYS = Array.from({ length: 50 }, (_, index) => `key${index}`);

const csvOf = (value: string): string => {
  const cells = KEYS.map(() => value).join(',');
  const rows = Array.from({ length: ROWS }, (_, row) => `Large,large-${row}@example.com,${cells}`);
  return `name,email,${KEYS.join(',')}\n${rows.join('\n')}\n`;
};

describe('short values that replace very long ones', () => {
  let app: TestApp;
  let client: Client;

  beforeAll(async () => {
    app = await createTestApp();
    client = app.client();
  });

  afterAll(async () => {
    await app.close();
  });

  const importAll = async (value: string) =>
    waitForImport(client, await acceptedImport(client, csvOf(value)));
  const oneOf = async () => (await client.get('/api/customer?limit=1')).body.data.items[0];

  it('in one chunk are written, and can be undone', async () => {
    const long = 'x'.repeat(1_000);
    expect(await importAll(long)).toMatchObject({ status: 'completed', counts: { created: ROWS } });

    const { importId, ...changed } = await importAll('y');
    expect(changed).toMatchObject({ status: 'completed', counts: { updated: ROWS } });
    expect((await oneOf()).attributes).toMatchObject({ key0: 'y', key49: 'y' });

    await client.post(`/api/customer/imports/${importId}/undo`);
    const undone = await waitFor(
      'the undo',
      async () => (await client.get(`/api/customer/imports/${importId}`)).body.data.undo,
      ({ finishedAt }) => finishedAt !== null,
    );
    expect(undone).toMatchObject({ status: 'completed', restored: ROWS, conflicts: 0 });
    expect((await oneOf()).attributes).toMatchObject({ key0: long, key49: long });
  });
});
