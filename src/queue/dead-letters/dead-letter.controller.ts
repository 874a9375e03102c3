import {
  applyDecorators,
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  NotFoundException,
  Param,
  Post,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import { ApiBody, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Queue } from 'bullmq';
import type { FastifyReply } from 'fastify';
import { AuditLog, type Actor, type AuditedAct } from '../../audit/audit-log';
import { OperatorOnly, type AuthenticatedRequest } from '../../auth/access';
import { ApiDone, ApiForOperators, ApiRead, ApiStarted } from '../../http/api-answers';
import { envelope, type Envelope } from '../../http/envelope';
import { orUnavailable } from '../queue-unavailable';
import { decodeCursor, encodeCursor } from './dead-letter-cursor';
import { DeadLetterReader } from './dead-letter-reader';
import { DeadLetterRemover } from './dead-letter-remover';
import { DeadLetterActs } from './dead-letter-acts';
import { DeadLettersView, DeletedDeadLetterView, StartedReplayView } from './dead-letter.view';
import { ListDeadLettersQuery } from './list-dead-letters.query';
import { QueuePipe } from './queue.pipe';
import { ActStore, type ActProgress } from './act-store';
import { RetryDeadLettersDto } from './retry-dead-letters.dto';

const ApiQueueName = () => ApiParam({ name: 'queueName', type: String, example: 'customer.jobs' });
const ApiJobId = () =>
  applyDecorators(
    ApiQueueName(),
    ApiParam({ name: 'jobId', type: String, description: 'As in the list; not every one is a UUID.' }),
  );

/** Jobs that the service gave up: what they are, and what a person decides to do with them. */
@ApiTags('queues')
@OperatorOnly()
@Controller('api/queue/:queueName/dead-letter')
export class DeadLetterController {
  constructor(
    private readonly reader: DeadLetterReader,
    private readonly store: ActStore,
    private readonly acts: DeadLetterActs,
    private readonly remover: DeadLetterRemover,
    private readonly audit: AuditLog,
  ) {}

  @Get()
  @ApiQueueName()
  @ApiForOperators()
  @ApiRead(DeadLettersView, 'Lists the jobs of a queue that were given up, and how a replay is going', 404)
  async list(
    @Param('queueName', QueuePipe) queue: Queue,
    @Query() { limit, cursor }: ListDeadLettersQuery,
  ): Promise<Envelope<DeadLettersView>> {
    const after = cursor === undefined ? undefined : decodeCursor(cursor);
    const [{ next, ...page }, act] = await orUnavailable(
      Promise.all([this.reader.page(queue, limit, after), this.store.read(queue)]),
    );
    const nextCursor = next ? encodeCursor(next) : null;
    return envelope('Dead letters listed', { ...page, nextCursor, replay: act && replayOf(act) });
  }

  @Post('retry')
  @HttpCode(202)
  @ApiQueueName()
  @ApiBody({ type: RetryDeadLettersDto, required: false })
  @ApiForOperators()
  @ApiStarted(
    StartedReplayView,
    'Replays dead letters, all or some, at a rate: each has all its attempts again',
  )
  async retry(
    @Param('queueName', QueuePipe) queue: Queue,
    @Body() { jobIds, perSecond }: RetryDeadLettersDto,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Envelope<StartedReplayView>> {
    const started = await this.acts.start(queue, { jobIds, perSecond }, actorOf(request));
    reply.header('location', `/api/queue/${encodeURIComponent(queue.name)}/dead-letter`);
    return envelope('Replay started', { queue: queue.name, ...started });
  }

  @Delete(':jobId')
  @ApiJobId()
  @ApiForOperators()
  @ApiDone(
    DeletedDeadLetterView,
    'Deletes a dead letter for good; a job in any other state is not found',
    404,
  )
  async remove(
    @Param('queueName', QueuePipe) queue: Queue,
    @Param('jobId') jobId: string,
    @Req() request: AuthenticatedRequest,
  ): Promise<Envelope<DeletedDeadLetterView>> {
    const gone = new NotFoundException('There is no such dead letter.');
    if (!(await orUnavailable(this.remover.isDead(queue, jobId)))) throw gone;
    const act: AuditedAct = { action: 'dead-letter.delete', queue: queue.name, jobIds: [jobId] };
    await this.audit.record(actorOf(request), act);
    if (!(await orUnavailable(this.remover.remove(queue, jobId)))) throw gone;
    return envelope('Dead letter deleted', { jobId });
  }
}

/** A deletion of many is told in the cockpit, where it is begun. */
const replayOf = ({ act, ...progress }: ActProgress) => (act === 'replay' ? progress : null);

const actorOf = ({ user, id }: AuthenticatedRequest): Actor => ({
  userId: user.userId,
  tenantId: user.tenantId,
  requestId: id,
});
