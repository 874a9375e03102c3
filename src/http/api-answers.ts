import { applyDecorators, type Type } from '@nestjs/common';
import { ApiBearerAuth, ApiExtraModels, ApiOperation, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { ProblemView } from './problem.view';

const REQUEST_ID = {
  'x-request-id': { description: 'Id of the request, in logs and events too.', schema: { type: 'string' } },
};

const EXPLANATIONS: Record<number, string> = {
  400: 'A field, parameter or the file is wrong; `errors` says which.',
  401: 'No valid Bearer token.',
  403: 'The token lacks the role.',
  404: 'There is no such thing, or not for this tenant.',
  413: 'The body is too large.',
  415: 'The body is of a kind, or in an encoding, that is not taken here.',
  429: 'Too many requests of this tenant in this minute.',
  500: 'A fault of the service.',
  503: 'A server behind the service is away; try again after `Retry-After`.',
};

const problems = (...statuses: number[]) =>
  statuses.map((status) =>
    ApiResponse({
      status,
      description: EXPLANATIONS[status] ?? '',
      headers: REQUEST_ID,
      content: { 'application/problem+json': { schema: { $ref: getSchemaPath(ProblemView) } } },
    }),
  );

/** `{success, message, data}` around a view. */
const enveloped = (view: Type, more: object = {}) => ({
  type: 'object',
  required: ['success', 'message', 'data'],
  properties: {
    success: { type: 'boolean', const: true },
    message: { type: 'string' },
    ...more,
    data: { $ref: getSchemaPath(view) },
  },
});

/** A read: 200 with the view in an envelope. */
export const ApiRead = (view: Type, summary: string, ...failures: number[]) =>
  applyDecorators(
    ApiOperation({ summary }),
    ApiBearerAuth(),
    ApiExtraModels(view, ProblemView),
    ApiResponse({
      status: 200,
      description: 'Found.',
      headers: REQUEST_ID,
      content: { 'application/json': { schema: enveloped(view) } },
    }),
    ...problems(400, 401, 429, 500, 503, ...failures),
  );

/** A write: 202 with the view in an envelope, and where to ask for the job. */
export const ApiAccepted = (view: Type, summary: string, { more = {}, failures = [404, 413, 415] } = {}) =>
  applyDecorators(
    ApiOperation({ summary }),
    ApiBearerAuth(),
    ApiExtraModels(view, ProblemView),
    ApiResponse({
      status: 202,
      description: 'Accepted: the work is queued.',
      headers: {
        ...REQUEST_ID,
        location: { description: 'The job: `/api/jobs/{jobId}`.', schema: { type: 'string' } },
      },
      content: { 'application/json': { schema: enveloped(view, more) } },
    }),
    ...problems(400, 401, 429, 500, 503, ...failures),
  );

/** Needs the role operator or admin. */
export const ApiForOperators = () => applyDecorators(...problems(403));
