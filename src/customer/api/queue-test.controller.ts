import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import { OperatorOnly } from '../../auth/access';
import { cloudEvent } from '../../events/customer-events';
import { EVENTS_CHANNEL, EventPublisher } from '../../events/event-publisher';
import { ApiAccepted, ApiForOperators, ApiPublished } from '../../http/api-answers';
import { envelope, type Envelope } from '../../http/envelope';
import { CurrentExchange, type Exchange } from '../../http/exchange';
import { Idempotency } from '../../http/idempotency/idempotency';
import { orUnavailable } from '../../queue/queue-unavailable';
import { newId } from '../customer-id';
import { CUSTOMER_QUEUE } from '../jobs/customer.jobs';
import { CustomerQueue } from '../jobs/customer.queue';
import { originOf } from './origin';
import { TestEventDto, TestEventView, TestJobView } from './queue-test.view';

/** For operators who want to see the whole way work, without touching a customer. */
@ApiTags('queues')
@OperatorOnly()
@Controller('api/queue/test')
export class QueueTestController {
  constructor(
    private readonly queue: CustomerQueue,
    private readonly events: EventPublisher,
    private readonly idempotency: Idempotency,
  ) {}

  @Post('job')
  @HttpCode(202)
  @ApiForOperators()
  @ApiAccepted(TestJobView, 'Queues a job that changes nothing, and that a worker really runs', {
    failures: [413, 415],
  })
  async job(@CurrentExchange() exchange: Exchange): Promise<Envelope<TestJobView>> {
    return this.idempotency.once(exchange, async ({ id: jobId }) => {
      const placement = { priority: 'normal', delayMs: 0 } as const;
      await this.queue.enqueue('TEST_QUEUE', originOf(exchange), jobId, placement);
      exchange.reply.header('location', `/api/jobs/${jobId}`);
      const data = { status: 'processing' as const, queue: CUSTOMER_QUEUE, jobId };
      return envelope('Test job submitted successfully. Processing asynchronously.', data);
    });
  }

  @Post('event')
  @HttpCode(202)
  @ApiForOperators()
  @ApiBody({ type: TestEventDto, required: false })
  @ApiPublished(TestEventView, 'Publishes an event that every subscriber really gets')
  async event(
    @Body() { message = 'A test event.' }: TestEventDto,
    @CurrentExchange() exchange: Exchange,
  ): Promise<Envelope<TestEventView>> {
    const { tenantId, userId, requestId } = originOf(exchange);
    const jobId = newId();
    const context = { step: jobId, subject: CUSTOMER_QUEUE, tenantId, requestId };
    const event = cloudEvent('customer.queue.test', context, { jobId, userId, message });
    const [receivers = 0] = await orUnavailable(this.events.publish(event));
    return envelope('Test event published', { eventId: event.id, channel: EVENTS_CHANNEL, receivers });
  }
}
