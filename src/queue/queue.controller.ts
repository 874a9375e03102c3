import { Controller, Get, Inject, NotFoundException, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Queue } from 'bullmq';
import { OperatorOnly, Public } from '../auth/access';
import { ApiForOperators, ApiPublicRead, ApiRead, mapOf } from '../http/api-answers';
import { envelope, type Envelope } from '../http/envelope';
import { countJobs } from './queue-counts';
import { QueueDetailsView } from './queue-details.view';
import { QueueInspector } from './queue-inspector';
import { orUnavailable } from './queue-unavailable';
import { QueueCountsView, RedisHealthView } from './queue.view';
import { QUEUES } from './queues.module';
import { RedisStatusReader } from './redis-status';

/** How the queues are. */
@ApiTags('queues')
@Controller('api/queue')
export class QueueController {
  constructor(
    @Inject(QUEUES) private readonly queues: readonly Queue[],
    private readonly redis: RedisStatusReader,
    private readonly inspector: QueueInspector,
  ) {}

  @Public()
  @Get('health')
  @ApiPublicRead(RedisHealthView, 'Whether Redis answers; 503 when it does not')
  async health(): Promise<Envelope<RedisHealthView>> {
    const latencyMs = await orUnavailable(this.redis.ping());
    return envelope('Redis is healthy', {
      status: 'healthy',
      latencyMs,
      timestamp: new Date().toISOString(),
    });
  }

  @Get('stats')
  @ApiRead(mapOf(QueueCountsView), 'Counts the jobs of each queue by state')
  async stats(): Promise<Envelope<Record<string, QueueCountsView>>> {
    const counts = this.queues.map(async (queue) => [queue.name, await countJobs(queue)] as const);
    return envelope('Queues counted', Object.fromEntries(await this.inTime(Promise.all(counts))));
  }

  @OperatorOnly()
  @Get(':queueName/details')
  @ApiForOperators()
  @ApiRead(QueueDetailsView, 'Looks into a queue: times, failures, workers', 404)
  async details(@Param('queueName') queueName: string): Promise<Envelope<QueueDetailsView>> {
    const queue = this.queues.find(({ name }) => name === queueName);
    if (!queue) throw new NotFoundException('There is no such queue.');
    return envelope('Queue inspected', await this.inTime(this.inspector.inspect(queue, Date.now())));
  }

  /** A queue waits, without end, for a Redis that was not there when the process began; a ping fails at once. */
  private async inTime<T>(answer: Promise<T>): Promise<T> {
    const [found] = await orUnavailable(Promise.all([answer, this.redis.ping()]));
    return found;
  }
}
