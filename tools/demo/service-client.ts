import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import { StackProblem } from '../stack/stack-problem.ts';

const counts = z.object({
  rows: z.number(),
  processed: z.number(),
  created: z.number(),
  updated: z.number(),
  unchanged: z.number(),
  skipped: z.number(),
  rejected: z.number(),
});
const accepted = z.object({ data: z.object({ importId: z.string() }) });
const progress = z.object({
  data: z.object({
    status: z.string(),
    counts,
    problems: z
      .array(
        z.object({ line: z.number(), field: z.string().nullish(), code: z.string(), message: z.string() }),
      )
      .default([]),
  }),
});
const customers = z.object({
  data: z.object({ items: z.array(z.object({ id: z.string(), name: z.string(), email: z.string() })) }),
});
const problem = z.object({ message: z.string() });

export type ImportProgress = z.infer<typeof progress>['data'];
export type Customer = z.infer<typeof customers>['data']['items'][number];

/** The few calls of the service that the demonstration makes. */
export class ServiceClient {
  readonly #apiUrl: string;
  readonly #token: string;

  constructor(apiUrl: string, token: string) {
    this.#apiUrl = apiUrl;
    this.#token = token;
  }

  /** Uploads a CSV file, streamed from the disk, and returns the import's id. */
  async upload(file: string): Promise<string> {
    const body = new FormData();
    body.set('file', await openAsBlob(file, { type: 'text/csv' }), basename(file));
    const answer = accepted.parse(await this.#ask('/api/customer/upload', { method: 'POST', body }));
    return answer.data.importId;
  }

  async progressOf(importId: string): Promise<ImportProgress> {
    return progress.parse(await this.#ask(`/api/customer/imports/${importId}`)).data;
  }

  async firstCustomers(limit: number): Promise<Customer[]> {
    return customers.parse(await this.#ask(`/api/customer?limit=${limit}`)).data.items;
  }

  async #ask(path: string, init: RequestInit = {}): Promise<unknown> {
    const headers = { authorization: `Bearer ${this.#token}` };
    const response = await fetch(this.#apiUrl + path, { ...init, headers }).catch(() => {
      throw new StackProblem(`No service answers at ${this.#apiUrl}: start it with npm start first`);
    });
    const body: unknown = await response.json().catch(() => undefined);
    if (response.ok) return body;
    if (response.status === 401) {
      throw new StackProblem(
        'The service refused the token: set JWT_SECRET as it is set for the service, or set TOKEN',
      );
    }
    const said = problem.safeParse(body).data?.message ?? response.statusText;
    throw new StackProblem(`${init.method ?? 'GET'} ${path} gave ${response.status}: ${said}`);
  }
}
