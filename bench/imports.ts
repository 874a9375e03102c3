import { request } from 'node:http';
import { until } from '../test/chaos/until.ts';

export interface ImportState {
  importId: string;
  status: string;
  counts: Record<'rows' | 'processed' | 'created' | 'updated' | 'unchanged' | 'rejected', number>;
  startedAt: string | null;
  finishedAt: string | null;
}

/** A client of one tenant, on one kept connection or many. */
export class ImportClient {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  /** @returns the import's id, and how long the answer took */
  async upload(csv: Buffer): Promise<{ importId: string; tookMs: number }> {
    const startedAt = performance.now();
    const { status, body } = await this.#send('/api/customer/upload', csv);
    const tookMs = performance.now() - startedAt;
    if (status !== 202) throw new Error(`An upload was answered ${status}: ${body}`);
    const { data } = JSON.parse(body) as { data: { importId: string } };
    return { importId: data.importId, tookMs };
  }

  async read(importId: string): Promise<ImportState> {
    const { body } = await this.#send(`/api/customer/imports/${importId}`);
    return (JSON.parse(body) as { data: ImportState }).data;
  }

  /** Settles when the import is over, as it has to be: with every row written. */
  async ended(importId: string): Promise<ImportState> {
    const state = await until(
      'an import to end',
      async () => {
        const seen = await this.read(importId);
        return seen.status === 'queued' || seen.status === 'processing' ? undefined : seen;
      },
      { timeoutMs: 600_000, everyMs: 50 },
    );
    if (state.status !== 'completed') throw new Error(`An import ended as ${JSON.stringify(state)}`);
    return state;
  }

  /** All imports of the tenant, which are over. */
  async all(): Promise<ImportState[]> {
    const seen: ImportState[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body } = await this.#send(`/api/customer/imports?limit=200${cursor && `&cursor=${cursor}`}`);
      const { data } = JSON.parse(body) as { data: { items: ImportState[]; nextCursor: string | null } };
      seen.push(...data.items);
      cursor = data.nextCursor;
    }
    const notOver = seen.find(({ status }) => status !== 'completed');
    if (notOver) throw new Error(`An import is not completed: ${JSON.stringify(notOver)}`);
    return seen;
  }

  #send(path: string, csv?: Buffer): Promise<{ status: number; body: string }> {
    return new Promise((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${this.#token}`,
        ...(csv && { 'content-type': 'text/csv', 'content-length': csv.length }),
      };
      const sent = request(this.#url + path, { method: csv ? 'POST' : 'GET', headers }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.once('end', () => {
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString() });
        });
      });
      sent.once('error', reject);
      sent.end(csv);
    });
  }
}

/** From the first chunk that a worker began to the last that it ended, in ms. */
export function workTime(states: readonly ImportState[]): number {
  const times = (field: 'startedAt' | 'finishedAt') => states.map((state) => Date.parse(state[field] ?? ''));
  return Math.max(...times('finishedAt')) - Math.min(...times('startedAt'));
}
