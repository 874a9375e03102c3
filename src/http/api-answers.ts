import { applyDecorators, type Type } from '@nestjs/common';
import {
  ApiBasicAuth,
  ApiBearerAuth,
  ApiExtraModels,
  ApiHeader,
  ApiOperation,
  type ApiOperationOptions,
  ApiResponse,
  getSchemaPath,
} from '@nestjs/swagger';
import { IDEMPOTENCY_KEY_HEADER } from './idempotency/idempotency-key';
import { ProblemView } from './problem.view';

const REQUEST_ID = {
  'x-request-id': { description: 'Id of the request, in logs and events too.', schema: { type: 'string' } },
};

const JOB_LOCATION = {
  location: { description: 'The job: `/api/jobs/{jobId}`.', schema: { type: 'string' } },
};

const REPLAYED = {
  'idempotency-replayed': {
    description: 'Only when a request is repeated: the answer is that of the first one.',
    schema: { type: 'string', enum: ['true'] },
  },
};

const RETRY_AFTER = {
  'retry-after': { description: 'Seconds after which to try again.', schema: { type: 'integer' } },
};
const RETRIABLE = [409, 429, 503];

/** Of answers to who is counted; absent where the limits are off. */
const RATE_LIMIT = {
  'ratelimit-policy': {
    description: 'The limits, such as `"tenant";q=6000;w=60, "address";q=60000;w=60`: requests, in seconds.',
    schema: { type: 'string' },
  },
  ratelimit: {
    description:
      'What is left of them, such as `"tenant";r=5999;t=60, "address";r=59999;t=60`: until, in seconds.',
    schema: { type: 'string' },
  },
};

const EXPLANATIONS: Record<number, string> = {
  400: 'A field, parameter or the file is wrong; `errors` says which.',
  401: 'No valid Bearer token.',
  403: 'The token lacks the role.',
  404: 'There is no such thing, or not for this tenant.',
  409: 'Not possible as things are; or the same is under way already, such as a request with the same `Idempotency-Key`: try again after `Retry-After`.',
  410: 'It was there, and is not kept any more.',
  413: 'The body is too large.',
  415: 'The body is of a kind, or in an encoding, that is not taken here.',
  422: 'The `Idempotency-Key` was used before, with another body or route.',
  429: 'Too many requests of this tenant, or from this address, in this minute.',
  500: 'A fault of the service.',
  503: 'A server behind the service is away; try again after `Retry-After`.',
};

const problems = (...statuses: number[]) =>
  statuses.map((status) =>
    ApiResponse({
      status,
      description: EXPLANATIONS[status] ?? '',
      headers: {
        ...REQUEST_ID,
        ...(RETRIABLE.includes(status) && RETRY_AFTER),
        ...(status === 429 && RATE_LIMIT),
      },
      content: { 'application/problem+json': { schema: { $ref: getSchemaPath(ProblemView) } } },
    }),
  );

/** Data that is a map to views, by keys that the description of the route explains. */
interface MapOf {
  mapOf: Type;
}
export const mapOf = (view: Type): MapOf => ({ mapOf: view });

type Data = Type | MapOf;
const viewOf = (data: Data): Type => ('mapOf' in data ? data.mapOf : data);

/** `{success, message, data}` around the data. */
const enveloped = (data: Data, more: object = {}) => {
  const view = { $ref: getSchemaPath(viewOf(data)) };
  return {
    type: 'object',
    required: ['success', 'message', 'data', ...Object.keys(more)],
    properties: {
      success: { type: 'boolean', const: true },
      message: { type: 'string' },
      ...more,
      data: 'mapOf' in data ? { type: 'object', additionalProperties: view } : view,
    },
  };
};

/** What every answered operation has: its summary, its answer, its failures. */
const operation = (
  data: Data,
  answer: { status: number; description: string; headers?: object; more?: object },
  operationOptions: ApiOperationOptions,
  failures: number[],
) =>
  applyDecorators(
    ApiOperation(operationOptions),
    ApiExtraModels(viewOf(data), ProblemView),
    ApiResponse({
      status: answer.status,
      description: answer.description,
      headers: { ...REQUEST_ID, ...RATE_LIMIT, ...answer.headers },
      content: { 'application/json': { schema: enveloped(data, answer.more) } },
    }),
    ...problems(...failures),
  );

/** A read: 200 with the data in an envelope. */
export const ApiRead = (data: Data, summary: string, ...failures: number[]) =>
  applyDecorators(
    ApiBearerAuth(),
    operation(data, { status: 200, description: 'Found.' }, { summary }, [
      ...[400, 401, 429, 500, 503],
      ...failures,
    ]),
  );

/** A download: 200 with a CSV that is streamed. */
export const ApiCsv = (summary: string, ...failures: number[]) =>
  applyDecorators(
    ApiBearerAuth(),
    ApiOperation({ summary }),
    ApiExtraModels(ProblemView),
    ApiResponse({
      status: 200,
      description: 'Found.',
      headers: REQUEST_ID,
      content: { 'text/csv': { schema: { type: 'string' } } },
    }),
    ...problems(...[400, 401, 429, 500, 503], ...failures),
  );

/** A stream of server-sent events that stays open. */
export const ApiEventStream = (summary: string, description: string) =>
  applyDecorators(
    ApiBearerAuth(),
    ApiOperation({ summary, description }),
    ApiExtraModels(ProblemView),
    ApiResponse({
      status: 200,
      description: 'Open.',
      headers: REQUEST_ID,
      content: { 'text/event-stream': {} },
    }),
    ...problems(...[400, 401, 429, 500, 503]),
  );

/** What Prometheus reads. */
export const ApiMetrics = (summary: string, description: string) =>
  applyDecorators(
    ApiBearerAuth(),
    ApiBasicAuth(),
    ApiOperation({ summary, description }),
    ApiExtraModels(ProblemView),
    ApiResponse({
      status: 200,
      description: 'Measured.',
      headers: REQUEST_ID,
      content: { 'text/plain': { schema: { type: 'string' } } },
    }),
    ...problems(401, 403, 429, 500),
  );

/** A look at a file that is sent: 200 with the data in an envelope. */
export const ApiFileRead = (
  data: Data,
  summary: string,
  requestBody: NonNullable<ApiOperationOptions['requestBody']>,
) =>
  applyDecorators(
    ApiBearerAuth(),
    operation(data, { status: 200, description: 'Read.' }, { summary, requestBody }, [
      ...[400, 401, 413, 415, 429, 500, 503],
    ]),
  );

/** A read that needs no token. */
export const ApiPublicRead = (data: Data, summary: string, ...failures: number[]) =>
  operation(data, { status: 200, description: 'Found.' }, { summary }, [500, 503, ...failures]);

interface Accepted {
  /** Fields beside `data`. */
  more?: object;
  failures?: number[];
  headers?: object;
  /** What `Location` names, where it is not the job. */
  location?: string;
  /** Kinds of body, where the DTO does not tell. */
  requestBody?: NonNullable<ApiOperationOptions['requestBody']>;
}

const IDEMPOTENCY_KEY = {
  name: IDEMPOTENCY_KEY_HEADER,
  required: false,
  description:
    'Makes it safe to send the request again: for 24 hours, the same key with the same body gets the first answer ' +
    'again and does nothing. Choose a new one, such as a UUID, for each write.',
  schema: { type: 'string', pattern: '^[!-~]{1,255}$', example: 'd3f0c2a4-5b1e-4c53-9d6e-0f7a1b2c3d4e' },
} as const;

/** A write: 202 with the data in an envelope, and where to ask for the job. */
export const ApiAccepted = (
  data: Data,
  summary: string,
  { more = {}, failures = [404, 413, 415], headers = {}, requestBody, location }: Accepted = {},
) =>
  applyDecorators(
    ApiBearerAuth(),
    ApiHeader(IDEMPOTENCY_KEY),
    operation(
      data,
      {
        status: 202,
        description: 'Accepted: the work is queued.',
        headers: {
          ...(location === undefined
            ? JOB_LOCATION
            : { location: { description: location, schema: { type: 'string' } } }),
          ...REPLAYED,
          ...headers,
        },
        more,
      },
      { summary, ...(requestBody && { requestBody }) },
      [400, 401, 409, 422, 429, 500, 503, ...failures],
    ),
  );

/** What is made at once: 201 with the data in an envelope, and where it is. */
export const ApiMade = (data: Data, summary: string) => {
  const location = { description: 'What was made.', schema: { type: 'string' } };
  return applyDecorators(
    ApiBearerAuth(),
    ApiHeader(IDEMPOTENCY_KEY),
    operation(data, { status: 201, description: 'Made.', headers: { location, ...REPLAYED } }, { summary }, [
      ...[400, 401, 409, 413, 415, 422, 429, 500, 503],
    ]),
  );
};

/** 202 for what is done at once and leaves no job to ask for. */
export const ApiPublished = (data: Data, summary: string) =>
  applyDecorators(
    ApiBearerAuth(),
    operation(data, { status: 202, description: 'Published.' }, { summary }, [
      ...[400, 401, 413, 415, 429, 500, 503],
    ]),
  );

/** 202 for what goes on in the background, and is no job; 409 while the same is under way. */
export const ApiStarted = (data: Data, summary: string) => {
  const location = { description: 'Where its progress can be read.', schema: { type: 'string' } };
  return applyDecorators(
    ApiBearerAuth(),
    operation(data, { status: 202, description: 'Started.', headers: { location } }, { summary }, [
      ...[400, 401, 404, 409, 413, 415, 429, 500, 503],
    ]),
  );
};

/** What is done at once: 200 with the data in an envelope. */
export const ApiDone = (data: Data, summary: string, ...failures: number[]) =>
  applyDecorators(
    ApiBearerAuth(),
    operation(data, { status: 200, description: 'Done.' }, { summary }, [
      ...[400, 401, 429, 500, 503],
      ...failures,
    ]),
  );

/** The same for what a repeat must not do again. */
export const ApiDoneOnce = (data: Data, summary: string, ...failures: number[]) =>
  applyDecorators(
    ApiBearerAuth(),
    ApiHeader(IDEMPOTENCY_KEY),
    operation(data, { status: 200, description: 'Done.', headers: REPLAYED }, { summary }, [
      ...[400, 401, 409, 422, 429, 500, 503],
      ...failures,
    ]),
  );

/** Needs the role operator or admin. */
export const ApiForOperators = () => applyDecorators(...problems(403));
