import { buildCsv } from '../factories/csv';
import type { Client } from '../helpers/client';
import { acceptedImport } from '../helpers/customers';
import { Stores } from '../helpers/stores';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitFor, waitForImport } from '../helpers/wait';

/** Delay of the first retry by the job's options, in ms; half of it is random. */
const FIRST_MS = 500;

describe('a job that fails for a fault', () => {
  let app: TestApp;
  let stores: Stores;
  let client: Client;

  beforeAll(async () => {
    app = await createTestApp({ role: 'all' });
    stores = await Stores.of(app);
    client = app.client();
  });

  it('is tried again, each time after twice as long, half of it random, and ends well when the fault is gone', async () => {
    await stores.queue.pause();
    const importId = await acceptedImport(client, buildCsv({ rows: 5 }));
    const bytes = await stores.swapChunk(importId, 0, Buffer.from('not readable'));
    await stores.queue.resume();
    const attempt = (count: number) =>
      waitFor(
        `attempt ${count} to have failed`,
        () => stores.queue.getJob(`${importId}-0`),
        (job) => job?.attemptsMade === count && job.delay > 0,
      ).then((job) => job?.delay ?? 0);

    const delays = [await attempt(1), await attempt(2), await attempt(3)];
    await stores.swapChunk(importId, 0, bytes);
    const mended = await waitForImport(client, importId);

    for (const [index, delay] of delays.entries()) {
      expect(delay).toBeGreaterThanOrEqual((FIRST_MS * 2 ** index) / 2);
      expect(delay).toBeLessThanOrEqual(FIRST_MS * 2 ** index);
    }
    expect(mended).toMatchObject({ status: 'completed', counts: { created: 5 } });
  });
});
