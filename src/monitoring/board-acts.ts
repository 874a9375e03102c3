import { Inject, Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AuditLog, type Actor, type AuditedAct } from '../audit/audit-log';
import type { AdminVisitor } from '../auth/admin-visitor';
import { DeadLetterActs } from '../queue/dead-letters/dead-letter-acts';
import { DeadLetterReviver } from '../queue/dead-letters/dead-letter-reviver';
import { ActUnderWay } from '../queue/dead-letters/act-under-way';
import { orUnavailable, QueueUnavailable } from '../queue/queue-unavailable';
import { QUEUES } from '../queue/queues.module';
import { ADMIN_PATH } from './admin-path';

const BOARD_QUEUE = `${ADMIN_PATH}/queues/api/queues/:queueName`;
const RETRY_ONE = `${BOARD_QUEUE}/:jobId/retry`;
/** Bull Board shows masked payloads, and would write back what it shows. */
const PAYLOAD_ROUTES = [`${BOARD_QUEUE}/add`, `${BOARD_QUEUE}/:jobId/update-data`];
const RETRY_ALL = `${BOARD_QUEUE}/retry/:queueStatus`;

interface BoardParams {
  queueName?: string;
  jobId?: string;
  queueStatus?: string;
}

/**
 * What a person does in Bull Board is written down before it is done, and dead letters are retried our way: Bull
 * Board's own leaves a job that stalled or crashed too often to die again at once, and floods the queue with all.
 */
@Injectable()
export class BoardActs {
  constructor(
    @Inject(QUEUES) private readonly queues: readonly Queue[],
    private readonly audit: AuditLog,
    private readonly replay: DeadLetterActs,
    private readonly reviver: DeadLetterReviver,
  ) {}

  /** Before the handler of a request that changes something; answers it where the handler must not. */
  async before(request: FastifyRequest, reply: FastifyReply, visitor: AdminVisitor): Promise<void> {
    try {
      const { userId, tenantId } = visitor;
      await this.act(request, reply, { userId, tenantId, requestId: request.id });
    } catch (error) {
      await refuse(reply, error);
    }
  }

  private async act(request: FastifyRequest, reply: FastifyReply, actor: Actor): Promise<void> {
    const { queueName, jobId, queueStatus } = request.params as BoardParams;
    const queue = this.queues.find(({ name }) => name === queueName);
    const { url = '' } = request.routeOptions;
    if (PAYLOAD_ROUTES.includes(url)) {
      const message = 'Payloads are masked here. Send a write to the API instead.';
      await reply.status(409).send({ error: 'Not here', message });
      return;
    }
    if (queue && url === RETRY_ALL && queueStatus === 'failed') {
      const { jobs } = await this.replay.start(queue, { audited: { action: 'bull-board' } }, actor);
      await reply.send({ retried: jobs, skipped: 0 });
      return;
    }
    await this.audit.record(actor, actOf(request));
    if (!queue || url !== RETRY_ONE || jobId === undefined) return;
    // What is not dead, or not there, is for Bull Board to tell.
    if (await orUnavailable(this.reviver.revive(queue, jobId))) await reply.status(204).send();
  }
}

/** The route and its parameters, never the body: a payload may be personal data. */
function actOf({ method, params, routeOptions }: FastifyRequest): AuditedAct {
  const { queueName = null, jobId, ...others } = params as BoardParams & Record<string, string>;
  const route = (routeOptions.url ?? '').slice(`${ADMIN_PATH}/queues`.length);
  return {
    action: 'bull-board',
    queue: queueName,
    ...(jobId !== undefined && { jobIds: [jobId] }),
    details: { ...others, method, route },
  };
}

/** As Bull Board shows it to its user: a title, and a text. */
async function refuse(reply: FastifyReply, thrown: unknown): Promise<void> {
  const refusal = refusalOf(thrown);
  if (!refusal) throw thrown;
  const { status, retryAfterS, ...body } = refusal;
  await reply.status(status).header('retry-after', retryAfterS).send(body);
}

function refusalOf(thrown: unknown) {
  if (thrown instanceof ActUnderWay) {
    const { retryAfterS, message } = thrown;
    return { status: 409, retryAfterS, error: 'Not now', message };
  }
  if (!(thrown instanceof QueueUnavailable)) return undefined;
  return { status: 503, retryAfterS: 2, error: 'Nothing was done', message: 'Redis did not take it.' };
}
