import type { Queue } from 'bullmq';
import { until } from '../../test/chaos/until.ts';
import { runChild } from '../child.ts';
import { ImportClient } from '../imports.ts';
import type { PostResult, PostTask } from '../load/post-customers.ts';
import { benchCsv } from '../rows.ts';
import { type BenchCompany, tokenOf } from '../stage.ts';

export const FILES = 160;
export const FILE_ROWS = 1_000;
const FILES_AT_ONCE = 8;
const TENANTS = 10;
const CONNECTIONS_OF_API = 8;
const POST_SECONDS = 3;
const PATIENCE = { timeoutMs: 300_000, everyMs: 200 };

/** Gives a fleet work, the same amount whatever its size, but for single writes: those last as long. */
export class FleetLoad {
  readonly #company: BenchCompany;
  readonly #queue: Queue;
  #files = 0;

  constructor(company: BenchCompany, queue: Queue) {
    this.#company = company;
    this.#queue = queue;
  }

  /** Each API process has its own connections, with a request under way on each. */
  post(seconds = POST_SECONDS): Promise<PostResult> {
    const ports = this.#company.apis.map(({ url }) => Number(new URL(url).port));
    const connections = CONNECTIONS_OF_API * ports.length;
    const task = { ports, connections, token: tokenOf('bench'), seconds, warmUpSeconds: 0 };
    return runChild<PostResult>('load/post-customers.ts', task satisfies PostTask);
  }

  /** Sends `FILES` files of `FILE_ROWS` rows that were not sent before. */
  async upload(): Promise<void> {
    const { apis } = this.#company;
    const from = this.#files;
    this.#files += FILES;
    const send = async (lane: number): Promise<void> => {
      for (let file = from + lane; file < from + FILES; file += FILES_AT_ONCE) {
        const url = apis[file % apis.length]?.url ?? '';
        const client = new ImportClient(url, tokenOf(`tenant-${file % TENANTS}`));
        await client.upload(benchCsv('scale', file * FILE_ROWS, FILE_ROWS));
      }
    };
    await Promise.all(Array.from({ length: FILES_AT_ONCE }, (_, lane) => send(lane)));
  }

  /** Settles when no job waits and none is being done. */
  async drained(): Promise<void> {
    await until(
      'the queue to be empty',
      async () => {
        const left = await this.#queue.getJobCountByTypes('waiting', 'active', 'delayed', 'prioritized');
        return left === 0 || undefined;
      },
      PATIENCE,
    );
  }
}

/** Reads the events of a tenant that has none: what it costs is the feed. */
export async function listen(url: string, signal: AbortSignal): Promise<void> {
  const answer = await fetch(`${url}/api/events`, {
    headers: { authorization: `Bearer ${tokenOf('nobody')}` },
    signal,
  });
  if (!answer.ok) throw new Error(`A stream was answered ${answer.status}`);
  void answer.text().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
