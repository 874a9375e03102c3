import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { createConnection, type Connection } from 'mongoose';
import type { CustomerRecord } from '../../src/customer/customer.schema';
import { newCustomer } from '../../src/customer/new-customer';
import type { Visit } from '../../src/customer/visit.schema';
import { MAINTENANCE_QUEUE, type MaintenanceJobName } from '../../src/maintenance/maintenance.jobs';
import { closing } from './closing';
import type { TestApp } from './test-app';
import { waitFor } from './wait';

export const DAY_MS = 24 * 3_600_000;

/** The queue of planned work, and customers as they are long after their delete. */
export class Maintenance {
  readonly close = closing(async () => {
    await this.queue.close();
    this.redis.disconnect();
    await this.mongo.close();
  });

  private constructor(
    readonly redis: Redis,
    private readonly mongo: Connection,
    readonly queue: Queue,
    readonly prefix: string,
  ) {}

  static async of({ variables }: Pick<TestApp, 'variables'>): Promise<Maintenance> {
    const { REDIS_URL = '', MONGODB_URI = '', QUEUE_PREFIX = '' } = variables;
    const redis = new Redis(REDIS_URL, { maxRetriesPerRequest: null });
    const mongo = await createConnection(MONGODB_URI).asPromise();
    const queue = new Queue(MAINTENANCE_QUEUE, { connection: redis, prefix: QUEUE_PREFIX });
    return new Maintenance(redis, mongo, queue, QUEUE_PREFIX);
  }

  async start(name: string): Promise<string> {
    const jobId = randomUUID();
    await this.queue.add(name, {}, { jobId });
    return jobId;
  }

  /** @returns what the job came to */
  async ended(jobId: string): Promise<unknown> {
    await waitFor(
      `job ${jobId} to end`,
      () => this.queue.getJobState(jobId),
      (state) => state === 'completed' || state === 'failed',
    );
    return (await this.queue.getJob(jobId))?.returnvalue as unknown;
  }

  async run(name: MaintenanceJobName): Promise<unknown> {
    return this.ended(await this.start(name));
  }

  /** Customers that were deleted so long ago. @returns their ids */
  async deleted(count: number, agoMs: number): Promise<string[]> {
    const records = Array.from({ length: count }, () => customer(agoMs));
    await this.customers.insertMany(records);
    return records.map(({ _id }) => _id);
  }

  /** As if a customer had been deleted so long ago. */
  async age(customerId: string, agoMs: number): Promise<void> {
    await this.customers.updateOne(
      { _id: customerId },
      { $set: { deletedAt: new Date(Date.now() - agoMs) } },
    );
  }

  async visits(customerId: string, count: number): Promise<void> {
    const visit = { tenantId: 'acme', spentCents: 1, visits: 1, at: new Date(), order: 1 };
    const ids = Array.from({ length: count }, (_, index) => `${customerId}:visit-${index}`);
    await this.mongo.collection<Visit>('customer_visits').insertMany(ids.map((_id) => ({ _id, ...visit })));
  }

  countVisits(): Promise<number> {
    return this.mongo.collection('customer_visits').countDocuments();
  }

  async ids(): Promise<string[]> {
    const found = await this.customers.find().project({ _id: 1 }).toArray();
    return found.map(({ _id }) => String(_id));
  }

  async clear(): Promise<void> {
    await this.customers.deleteMany({});
    await this.mongo.collection('customer_visits').deleteMany({});
  }

  private get customers() {
    return this.mongo.collection<CustomerRecord>('customers');
  }
}

function customer(deletedAgoMs: number): CustomerRecord {
  const customerId = randomUUID();
  const identity = { customerId, tenantId: 'acme', order: 1, acceptedAt: 1 };
  return {
    ...newCustomer(identity, { name: 'Ana', email: `${customerId}@example.com` }),
    deletedAt: new Date(Date.now() - deletedAgoMs),
    deletedOrder: 2,
  };
}
