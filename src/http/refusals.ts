import { HttpException } from '@nestjs/common';
import { TooManyFailures } from '../auth/guessing';
import { KeysUnavailable } from '../auth/keys-unavailable';
import { TooManyAttributes } from '../customer/export/too-many-attributes';
import { TooManyExports } from '../customer/export/too-many-exports';
import { CsvRefused } from '../customer/import/csv/csv-error';
import { UploadRefused } from '../customer/import/upload-refused';
import { EmailsOff } from '../emails/api/emails-off';
import { isMongoOutage } from '../mongo/mongo-outage';
import { ActUnderWay } from '../queue/dead-letters/act-under-way';
import { QueueFull } from '../queue/queue-full';
import { QueueUnavailable } from '../queue/queue-unavailable';
import { TargetRefused } from '../webhooks/target/target-refused';
import { TooManyWebhooks } from '../webhooks/too-many-webhooks';
import { KeyInUse } from './idempotency/key-in-use';
import { KeyReused } from './idempotency/key-reused';
import { TooManyStreams } from '../events/stream/too-many-streams';
import { InvalidRequest } from './invalid-request';
import { TooManyRequests } from './limits/too-many-requests';
import type { Refusal } from './problem';

/** Seconds after which a caller may try again when a server behind us is away. */
const RETRY_AFTER = 2;

/** A command that got no answer in time may have been done all the same. */
const UNKNOWN_OUTCOME =
  'The queue did not answer. Send a write again; with the same Idempotency-Key on each try it happens once.';

const FAULT: Refusal = { status: 500, detail: 'Something went wrong on our side.' };

/** Maps everything that is thrown on the way of a request to its answer. The only place that does. */
export function toRefusal(error: unknown): Refusal {
  if (error instanceof InvalidRequest) return { status: 400, detail: error.message, errors: error.errors };
  if (error instanceof CsvRefused) return fromCsv(error);
  if (error instanceof UploadRefused) return fromUpload(error);
  if (error instanceof QueueUnavailable) return fromUnavailable(error);
  if (error instanceof QueueFull)
    return { status: 503, detail: 'The queue is full; try again later.', retryAfter: error.retryAfterS };
  if (error instanceof TooManyStreams || error instanceof TooManyExports)
    return { status: 503, detail: error.message, retryAfter: RETRY_AFTER };
  if (error instanceof ActUnderWay)
    return { status: 409, detail: error.message, retryAfter: error.retryAfterS };
  if (error instanceof KeysUnavailable)
    return { status: 503, detail: error.message, retryAfter: RETRY_AFTER };
  if (error instanceof TooManyFailures || error instanceof TooManyRequests)
    return { status: 429, detail: error.message, retryAfter: error.retryAfterS };
  if (error instanceof EmailsOff) return { status: 409, detail: error.message };
  if (error instanceof KeyInUse) return fromKeyInUse(error);
  if (error instanceof KeyReused) return { status: 422, detail: error.message };
  if (error instanceof TargetRefused) return fromTarget(error);
  if (error instanceof TooManyWebhooks || error instanceof TooManyAttributes)
    return { status: 409, detail: error.message };
  if (isMongoOutage(error))
    return { status: 503, detail: 'The database does not answer in time.', retryAfter: RETRY_AFTER };
  if (error instanceof HttpException) return { status: error.getStatus(), detail: error.message };
  if (isFastifyError(error)) return fromFastify(error);
  return FAULT;
}

const fromUnavailable = ({ mayHaveHappened }: QueueUnavailable): Refusal => ({
  status: 503,
  detail: mayHaveHappened
    ? UNKNOWN_OUTCOME
    : 'The queue can not be used at the moment; nothing was accepted.',
  retryAfter: RETRY_AFTER,
});

const fromKeyInUse = ({ message, retryAfterMs }: KeyInUse): Refusal => ({
  status: 409,
  detail: message,
  retryAfter: Math.max(1, Math.ceil(retryAfterMs / 1000)),
});

const fromTarget = ({ problem, message }: TargetRefused): Refusal => ({
  status: 400,
  detail: `url: ${message}`,
  errors: [{ field: 'url', code: problem, message }],
});

function fromUpload({ status, message }: UploadRefused): Refusal {
  if (status !== 400) return { status, detail: message };
  return { status, detail: `file: ${message}`, errors: [{ field: 'file', code: 'invalid_upload', message }] };
}

function fromCsv(refused: CsvRefused): Refusal {
  const { reason, message, field } = refused;
  if (reason === 'not_text') return { status: 415, detail: message };
  return { status: 400, detail: message, errors: [{ field, code: reason, message }] };
}

const isFastifyError = (error: unknown): error is Error & { code: string; statusCode: number } =>
  error instanceof Error && 'code' in error && 'statusCode' in error && typeof error.statusCode === 'number';

/** Fastify's own refusals of a request that no handler saw. */
const fromFastify = ({ statusCode, message }: Error & { statusCode: number }): Refusal =>
  statusCode >= 500 ? FAULT : { status: statusCode, detail: message };
