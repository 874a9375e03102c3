import type { INestApplicationContext } from '@nestjs/common';
import { getQueueToken } from '@nestjs/bullmq';
import { Test } from '@nestjs/testing';
import type { Queue } from 'bullmq';
import { ConfigModule } from '../../src/config/config.module';
import { Environment } from '../../src/config/environment';
import type { CloudEvent } from '../../src/events/customer-events';
import { EventPublisher } from '../../src/events/event-publisher';
import { createLogger } from '../../src/logging/logger';
import { LoggingModule } from '../../src/logging/logging.module';
import { RETRY_DELAYS } from '../../src/webhooks/retry-delays';
import { type DeliverWebhook, WEBHOOK_QUEUE } from '../../src/webhooks/webhook-jobs';
import { WorkerModule } from '../../src/worker.module';
import { buildCustomer } from '../factories/customer';
import type { Client } from './client';
import { closing } from './closing';
import { createTestApp, type TestApp } from './test-app';
import { waitFor } from './wait';

/** Lets webhooks go to this machine, as for receivers of one's own. */
export const LOCAL = { WEBHOOK_ALLOW_HTTP: 'true', WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' };

/** Short, so that a test sees the end of them. */
const DELAYS = [50, 50];

interface Seen {
  id: string;
  status: string;
  attempts: { status: number | null; error: string | null; durationMs: number; at: string }[];
  nextAttemptAt: string | null;
  eventId: string;
  type: string;
  replayOf: string | null;
}

/** An API, and a worker whose retries come soon. */
export class WebhookStage {
  readonly close = closing(async () => {
    await this.worker.close();
    await this.api.close();
  });

  private constructor(
    readonly api: TestApp,
    private worker: INestApplicationContext,
    private readonly delays: number[],
  ) {}

  static async open(variables: Record<string, string> = {}, delays = DELAYS): Promise<WebhookStage> {
    const api = await createTestApp({ role: 'api', variables: { ...LOCAL, ...variables } });
    return new WebhookStage(api, await startWorker(api, delays), delays);
  }

  /** @param between what happens while there is none */
  async restartWorker(between: () => void): Promise<void> {
    await this.worker.close();
    between();
    this.worker = await startWorker(this.api, this.delays);
  }

  get queue(): Queue<DeliverWebhook> {
    return this.worker.get<Queue<DeliverWebhook>>(getQueueToken(WEBHOOK_QUEUE), { strict: false });
  }

  /** As a job that runs again does. */
  async publish(event: CloudEvent | undefined): Promise<void> {
    if (!event) throw new Error('There is no event');
    await this.worker.get(EventPublisher, { strict: false }).publish(event);
  }

  client(tenantId?: string): Client {
    return this.api.client({ ...(tenantId !== undefined && { tenantId }), roles: ['user', 'operator'] });
  }
}

/** A worker process's inside, with other delays between the tries. */
async function startWorker({ variables }: TestApp, delays: number[]): Promise<INestApplicationContext> {
  const environment = Environment.read({ ...variables, APP_ROLE: 'worker' });
  const logger = createLogger(environment);
  const module = await Test.createTestingModule({
    imports: [ConfigModule.forRoot(environment), LoggingModule.forRoot(logger), WorkerModule],
  })
    .overrideProvider(RETRY_DELAYS)
    .useValue(delays)
    .compile();
  return module.init();
}

/** Subscribes, as a tenant. @returns the webhook with its secret */
export async function subscribe(
  client: Client,
  url: string,
  more: object = {},
): Promise<{ id: string; secret: string }> {
  const { status, body } = await client.post('/api/webhooks', { url, ...more });
  if (status !== 201) throw new Error(`Not created: ${status} ${JSON.stringify(body)}`);
  return body.data;
}

/** Makes something happen of which there are events. @returns the job's id, which is the customer's too */
export async function createCustomer(client: Client): Promise<string> {
  const { status, body } = await client.post('/api/customer', buildCustomer());
  if (status !== 202) throw new Error(`Not accepted: ${status} ${JSON.stringify(body)}`);
  return body.data.jobId;
}

/** Asks for a test event. @returns id of the delivery */
export async function sendTest(client: Client, webhookId: string): Promise<string> {
  const { status, body } = await client.post(`/api/webhooks/${webhookId}/test`);
  if (status !== 202) throw new Error(`Not accepted: ${status} ${JSON.stringify(body)}`);
  return body.data.deliveryId;
}

export async function deliveriesOf(client: Client, webhookId: string, query = ''): Promise<Seen[]> {
  const { status, body } = await client.get(`/api/webhooks/${webhookId}/deliveries${query}`);
  if (status !== 200) throw new Error(`Not found: ${status} ${JSON.stringify(body)}`);
  return body.data.items;
}

/** A delivery, once it has come to this. */
export async function untilDelivery(
  client: Client,
  webhookId: string,
  deliveryId: string,
  status: string,
): Promise<Seen> {
  const found = await waitFor(
    `delivery ${deliveryId} to be ${status}`,
    async () => (await deliveriesOf(client, webhookId)).find(({ id }) => id === deliveryId),
    (delivery) => delivery?.status === status,
  );
  if (!found) throw new Error('There is no such delivery');
  return found;
}
