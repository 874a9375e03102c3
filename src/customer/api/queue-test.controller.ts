import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Caller, OperatorOnly } from '../../auth/access';
import type { Principal } from '../../auth/principal';
import { cloudEvent } from '../../events/customer-events';
import { EVENTS_CHANNEL, EventPublisher } from '../../events/event-publisher';
import { ApiAccepted, ApiForOperators, ApiPublished } from '../../http/api-answers';
import { envelope, type Envelope } from '../../http/envelope';
import { orUnavailable } from '../../queue/queue-unavailable';
import { newId } from '../customer-id';
import { CUSTOMER_QUEUE } from '../jobs/customer.jobs';
import { CustomerQueue } from '../jobs/customer.queue';
import { TestEventDto, TestEventView, TestJobView } from './queue-test.view';

/** For operators who want to see the whole way work, without touching a customer. */
@ApiTags('queues')
@OperatorOnly()
@Controller('api/queue/test')
export class QueueTestController {
  constructor(
    private readonly queue: CustomerQueue,
    private readonly events: EventPublisher,
  ) {}

  @Post('job')
  @HttpCode(202)
  @ApiForOperators()
  @ApiAccepted(TestJobView, 'Queues a job that changes nothing, and that a worker really runs', {
    failures: [413, 415],
  })
  async job(
    @Caller() { tenantId, userId }: Principal,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Envelope<TestJobView>> {
    const jobId = newId();
    const origin = { tenantId, userId, requestId: request.id, acceptedAt: Date.now() };
    await this.queue.enqueue('TEST_QUEUE', origin, jobId, { priority: 'normal', delayMs: 0 });
    reply.header('location', `/api/jobs/${jobId}`);
    const data = { status: 'processing' as const, queue: CUSTOMER_QUEUE, jobId };
    return envelope('Test job submitted successfully. Processing asynchronously.', data);
  }

  @Post('event')
  @HttpCode(202)
  @ApiForOperators()
  @ApiBody({ type: TestEventDto, required: false })
  @ApiPublished(TestEventView, 'Publishes an event that every subscriber really gets')
  async event(
    @Body() { message = 'A test event.' }: TestEventDto,
    @Caller() { tenantId, userId }: Principal,
    @Req() { id: requestId }: FastifyRequest,
  ): Promise<Envelope<TestEventView>> {
    const jobId = newId();
    const context = { step: jobId, subject: CUSTOMER_QUEUE, tenantId, requestId };
    const event = cloudEvent('customer.queue.test', context, { jobId, userId, message });
    const [receivers = 0] = await orUnavailable(this.events.publish(event));
    return envelope('Test event published', { eventId: event.id, channel: EVENTS_CHANNEL, receivers });
  }
}
