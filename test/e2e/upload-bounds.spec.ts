import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { buildCsv } from '../factories/csv';
import { Client, type Answer } from '../helpers/client';
import { testVariables } from '../helpers/environment';
import { startOwnRedis, type OwnRedis } from '../helpers/own-redis';
import { startProcess, type ServiceProcess } from '../helpers/process';

const MB = 1_000_000;
const MIB = 1024 * 1024;
const AT_ONCE = 1_000;

/** Linux tells what a process holds; elsewhere the bounds are the same, and nobody measures them. */
const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('what an upload holds', () => {
  let redis: OwnRedis;
  let api: ServiceProcess;
  let client: Client;

  beforeEach(async () => {
    redis = await startOwnRedis();
    const variables = testVariables({ REDIS_URL: redis.url, APP_ROLE: 'api', LOG_LEVEL: 'info' });
    api = await startProcess(variables);
    client = new Client(api.url);
    await client.upload(buildCsv({ rows: 1_000 }));
  });

  afterEach(async () => {
    api.signal('SIGTERM');
    await api.ended;
  });

  const residentBytes = async (): Promise<number> => {
    const status = await readFile(`/proc/${api.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
  };
  /** The most that the API's memory grew while something was done. */
  const growthWhile = async <T>(act: () => Promise<T>): Promise<{ result: T; grownBytes: number }> => {
    const before = await residentBytes();
    let most = before;
    const done = new AbortController();
    const watching = (async () => {
      while (!done.signal.aborted) {
        most = Math.max(most, await residentBytes());
        await setTimeout(20);
      }
    })();
    const result = await act().finally(() => {
      done.abort();
    });
    await watching;
    return { result, grownBytes: most - before };
  };
  /** A body of that size at least, that is never whole in memory. */
  const fileOf = (bytes: number): ReadableStream<Uint8Array> => {
    const [header = '', ...rows] = buildCsv({ rows: 10_000 }).split(/(?<=\n)/);
    const block = Buffer.from(rows.join(''));
    let left = Math.ceil(bytes / block.length);
    return new ReadableStream({
      start: (body) => {
        body.enqueue(Buffer.from(header));
      },
      pull: (body) => {
        if (left-- > 0) body.enqueue(block);
        else body.close();
      },
    });
  };

  it('in the API is less than 150 MB for a file of nearly 100 MiB', async () => {
    const { result, grownBytes } = await growthWhile(() => client.upload(fileOf(99 * MIB)));

    expect(result.status).toBe(202);
    expect(result.body.data.bytes).toBeGreaterThan(99 * MIB);
    expect(grownBytes).toBeLessThan(150 * MB);
  }, 60_000);

  it('in the API is less than five times what is on its way, of 1,000 at once, and all are taken', async () => {
    const files = Array.from({ length: AT_ONCE }, () =>
      Buffer.from(buildCsv({ rows: 1_000 }).replaceAll('Customer', 'A customer of one of the files')),
    );
    const inFlight = files.reduce((sum, { length }) => sum + length, 0);

    const { result, grownBytes } = await growthWhile(() =>
      Promise.all(files.map((file): Promise<Answer> => client.upload(file))),
    );

    expect(inFlight).toBeGreaterThan(90 * MB);
    expect(result.filter(({ status }) => status !== 202).map(({ body }) => body as unknown)).toEqual([]);
    expect(grownBytes).toBeLessThan(5 * inFlight);
  }, 60_000);

  it('in Redis is less than 0.4 of the file, all of it queued', async () => {
    const usedBytes = () =>
      redis.ask(async (admin) => Number(/used_memory:(\d+)/.exec(await admin.info('memory'))?.[1]));
    const sample = await readFile('samples/customers-1000.csv', 'utf8');
    const [header = ''] = sample.split('\n', 1);
    const file = `${header}\n${sample.slice(header.length + 1).repeat(100)}`;
    const before = await usedBytes();

    const { body } = await client.upload(file);
    const after = await usedBytes();

    expect(body.data.rows).toBe(100_000);
    expect(after - before).toBeLessThan(0.4 * body.data.bytes);
  });
});
