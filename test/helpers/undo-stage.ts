import { randomUUID } from 'node:crypto';
import type { Client } from './client';
import { closing } from './closing';
import { acceptedImport, readCustomer } from './customers';
import { createDeliveries, type Deliveries } from './deliveries';
import { Stores } from './stores';
import { createTestApp, type TestApp } from './test-app';

export const undo = (client: Client, importId: string, query = '') =>
  client.post(`/api/customer/imports/${importId}/undo${query}`);

export const undoOf = async (client: Client, importId: string) =>
  (await client.get(`/api/customer/imports/${importId}`)).body.data.undo;

export const conflictsOf = async (client: Client, importId: string) =>
  (await client.get(`/api/customer/imports/${importId}/conflicts.csv`)).body as string;

/** What a reader sees of a customer, but for when it was changed. */
export const seen = async (client: Client, customerId: string) => {
  const { updatedAt: _, ...customer } = await readCustomer(client, customerId);
  return customer;
};

/** An API, and a worker that takes jobs when it is told to; each `enter` is a tenant of its own. */
export class UndoStage {
  tenantId = '';
  client!: Client;

  private constructor(
    readonly api: TestApp,
    readonly stores: Stores,
    readonly deliveries: Deliveries,
  ) {}

  static async build(variables: Record<string, string> = {}): Promise<UndoStage> {
    const api = await createTestApp({ role: 'api', variables });
    return new UndoStage(api, await Stores.of(api), await createDeliveries(api));
  }

  readonly close = closing(async () => {
    await this.deliveries.close();
    await this.stores.close();
    await this.api.close();
  });

  enter(): Client {
    this.tenantId = randomUUID();
    this.client = this.api.client({ tenantId: this.tenantId });
    return this.client;
  }

  /** A customer that is in the database. @returns its id */
  async customer(overrides: object = {}): Promise<string> {
    const body = { name: 'Ana', email: `${randomUUID()}@example.com`, ...overrides };
    const answer = await this.client.post('/api/customer', body);
    await this.deliveries.drain();
    return answer.body.data.customerId;
  }

  /** An import that is done. @returns its id */
  async imported(csv: string, query = ''): Promise<string> {
    const importId = await acceptedImport(this.client, csv, query);
    await this.deliveries.drain();
    return importId;
  }

  /** @returns what the undo came to */
  async undone(importId: string) {
    const { status, body } = await undo(this.client, importId);
    if (status !== 202) throw new Error(`Not accepted: ${status} ${JSON.stringify(body)}`);
    await this.deliveries.drain();
    return undoOf(this.client, importId);
  }

  /** Ids of the customers that readers see. */
  async living(): Promise<string[]> {
    const customers = await this.stores.customersOf(this.tenantId);
    return customers
      .filter(({ deletedAt }) => deletedAt === null)
      .map(({ _id }) => _id)
      .sort();
  }

  async idOf(email: string): Promise<string> {
    return (await this.client.get(`/api/customer?email=${email}`)).body.data.items[0]?.id ?? 'nobody';
  }
}
