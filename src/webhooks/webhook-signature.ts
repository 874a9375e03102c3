import { createHmac, randomBytes } from 'node:crypto';
import type { Webhook } from './webhook';

const SECRET_PREFIX = 'whsec_';
const SECRET_BYTES = 32;
/** How long a secret signs on after it was replaced, in ms. */
const OVERLAP_MS = 24 * 3_600_000;

export const newSecret = (): string => SECRET_PREFIX + randomBytes(SECRET_BYTES).toString('base64');

/** Gives a webhook a new secret; the old one signs too for a day, so that a receiver can follow at its own time. */
export const withNewSecret = (webhook: Webhook, nowMs: number): Webhook => ({
  ...webhook,
  secret: newSecret(),
  previousSecret: { secret: webhook.secret, untilMs: nowMs + OVERLAP_MS },
});

/** The header fields by which a receiver knows who sent it, as Standard Webhooks has them. @param id of the event */
export function signatureHeaders(
  { secret, previousSecret }: Pick<Webhook, 'secret' | 'previousSecret'>,
  id: string,
  body: string,
  nowMs: number,
): Record<string, string> {
  const timestamp = Math.floor(nowMs / 1000);
  const secrets =
    previousSecret && previousSecret.untilMs > nowMs ? [secret, previousSecret.secret] : [secret];
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': secrets.map((one) => sign(one, `${id}.${timestamp}.${body}`)).join(' '),
  };
}

function sign(secret: string, content: string): string {
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
  return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
}
