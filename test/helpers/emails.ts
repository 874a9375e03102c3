import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { EMAIL_QUEUE, type EmailEventType, type EmailMessage } from '../../src/emails/email-jobs';
import type { Client } from './client';
import { closing } from './closing';
import type { TestApp } from './test-app';

/** Where nobody else gets mail. */
export const newAddress = (): string => `ops-${randomUUID()}@example.com`;

export async function wants(client: Client, to: string[], types: EmailEventType[]): Promise<void> {
  const { status, body } = await client.fetch('/api/notifications/email', {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ to, types }),
  });
  if (status !== 200) throw new Error(`Not chosen: ${status} ${JSON.stringify(body)}`);
}

/** The queue of e-mails of an app. */
export function emailQueueOf({ variables }: Pick<TestApp, 'variables'>) {
  const { REDIS_URL = '', QUEUE_PREFIX = '' } = variables;
  const redis = new Redis(REDIS_URL, { maxRetriesPerRequest: null });
  const queue = new Queue<EmailMessage>(EMAIL_QUEUE, { connection: redis, prefix: QUEUE_PREFIX });
  const close = closing(async () => {
    await queue.close();
    redis.disconnect();
  });
  return { queue, close };
}
