import { type Job, UnrecoverableError } from 'bullmq';
import { z } from 'zod';
import { DELIVER_WEBHOOK, type DeliverWebhook, type DeliveryOutcome } from '../webhook-jobs';

/** Whatever was stored: another version of the service, or somebody's script, may have added it. */
export type StoredDelivery = Job<unknown, DeliveryOutcome>;
export type DeliveryJob = Job<DeliverWebhook, DeliveryOutcome>;

const text = z.string().min(1);
/** What must be there to send it. */
const PAYLOAD = z.looseObject({
  tenantId: text,
  requestId: text,
  webhookId: text,
  deliveryId: text,
  event: z.looseObject({ id: text, type: text }),
}) satisfies z.ZodType<Omit<DeliverWebhook, 'event'>>;

export const isDelivery = (job: StoredDelivery): job is DeliveryJob =>
  job.name === DELIVER_WEBHOOK && PAYLOAD.safeParse(job.data).success;

/** @throws UnrecoverableError for what can never be sent */
export function checkDelivery(job: StoredDelivery): DeliveryJob {
  if (job.name !== DELIVER_WEBHOOK) throw new UnrecoverableError(`No handler for job ${job.name}`);
  if (!isDelivery(job)) throw new UnrecoverableError(`Job ${job.name} has no valid payload`);
  return job;
}
