import { CustomersModel, type ModelOutcome, type SeenCustomer } from '../model/customers-model';
import { targetOf, type Write } from '../model/write';
import type { Answer, Client } from './client';
import { NOBODY } from './outage';
import { waitForJob } from './wait';

export interface Result {
  /** Of each write, in the order of acceptance. */
  outcomes: ModelOutcome[];
  /** The living customers, in the order of creation. */
  customers: SeenCustomer[];
}

/** What writes come to when each is done before the next is asked for. */
export function sequentially(writes: Write[]): Result {
  const model = new CustomersModel();
  const outcomes = writes.map((write) => model.apply(write));
  return { outcomes, customers: model.seen() };
}

/** A client that asks for writes in turn, without waiting for any to be done. */
export class Requests {
  /** Of each write, in the order of acceptance. */
  readonly jobIds: string[] = [];
  /** Of each create, whatever came of it. */
  private readonly customerIds: string[] = [];

  constructor(private readonly client: Client) {}

  async send(writes: Write[]): Promise<void> {
    for (const write of writes) {
      const { status, body } = await this.request(write);
      if (status !== 202) throw new Error(`Not accepted: ${status} ${JSON.stringify(body)}`);
      this.jobIds.push(body.data.jobId);
      if (write.do === 'create') this.customerIds.push(body.data.customerId);
    }
  }

  /** What came of all, once all ended. */
  async result(): Promise<Result> {
    const outcomes: ModelOutcome[] = [];
    for (const jobId of this.jobIds) {
      const { status, error } = await waitForJob(this.client, jobId);
      outcomes.push(status === 'completed' ? status : error.reason);
    }
    return { outcomes, customers: await this.customers() };
  }

  private async customers(): Promise<SeenCustomer[]> {
    const { status, body } = await this.client.get('/api/customer?limit=200');
    if (status !== 200) throw new Error(`Not read: ${status} ${JSON.stringify(body)}`);
    const seen = body.data.items.map(
      ({
        id,
        createdAt: _created,
        updatedAt: _updated,
        ...customer
      }: SeenCustomer & Record<string, string>) => ({
        ...customer,
        create: this.customerIds.indexOf(id ?? ''),
      }),
    ) as SeenCustomer[];
    return seen.sort((a, b) => a.create - b.create);
  }

  private request(write: Write): Promise<Answer> {
    if (write.do === 'create') return this.client.post('/api/customer', write.customer);
    const target = targetOf(write.ago, this.customerIds.length);
    const path = `/api/customer/${(target === undefined ? undefined : this.customerIds[target]) ?? NOBODY}`;
    if (write.do === 'update') return this.client.patch(path, write.changes);
    if (write.do === 'visit') return this.client.post(`${path}/stats`, write.visit);
    return this.client.delete(path);
  }
}
