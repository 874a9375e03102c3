import { Body, Controller, Delete, HttpCode, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Caller } from '../../auth/access';
import type { Principal } from '../../auth/principal';
import { ApiAccepted } from '../../http/api-answers';
import { envelope, type Envelope } from '../../http/envelope';
import { InvalidRequest } from '../../http/invalid-request';
import { newId } from '../customer-id';
import { toInstant } from '../instant';
import type { CustomerJobName, CustomerRef, Payload } from '../jobs/customer.jobs';
import { CustomerQueue } from '../jobs/customer.queue';
import { AcceptedView, CreateAcceptedView } from './accepted.view';
import { CreateCustomerDto } from './create-customer.dto';
import { IdPipe } from './id.pipe';
import { toCents } from './money';
import { PlacementQuery, toPlacement } from './placement.query';
import { UpdateCustomerDto } from './update-customer.dto';
import { UpdateCustomerStatsDto } from './update-customer-stats.dto';

type SingleJobName = Exclude<CustomerJobName, 'BULK_IMPORT_CUSTOMERS' | 'TEST_QUEUE'>;

/** Writes of one customer: checked, queued, answered. None of them waits for the database. */
@ApiTags('customers')
@Controller('api/customer')
export class CustomerController {
  constructor(private readonly queue: CustomerQueue) {}

  /** Creates a customer. */
  @Post()
  @HttpCode(202)
  @ApiAccepted(CreateAcceptedView, 'Creates a customer', { failures: [413, 415] })
  async create(
    @Body() customer: CreateCustomerDto,
    @Query() placement: PlacementQuery,
    @Caller() caller: Principal,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Envelope<CreateAcceptedView>> {
    const ref = reference(newId(), caller, request);
    // The job has its customer's id: a write that comes before it can ask whether it is under way.
    const accepted = await this.accept(
      'CREATE_CUSTOMER',
      { ...customer, ...ref },
      placement,
      reply,
      ref.customerId,
    );
    return envelope('Customer creation request submitted successfully. Processing asynchronously.', {
      ...accepted,
      email: customer.email,
    });
  }

  @Patch(':id')
  @HttpCode(202)
  @ApiAccepted(AcceptedView, 'Changes the fields that are given; null removes one')
  async update(
    @Param('id', IdPipe) customerId: string,
    @Body() changes: UpdateCustomerDto,
    @Query() placement: PlacementQuery,
    @Caller() caller: Principal,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Envelope<AcceptedView>> {
    if (Object.values(changes).every((value) => value === undefined)) {
      throw new InvalidRequest([
        { field: 'body', code: 'required', message: 'expected at least one field to change' },
      ]);
    }
    const payload = { ...reference(customerId, caller, request), changes: { ...changes } };
    const accepted = await this.accept('UPDATE_CUSTOMER', payload, placement, reply);
    return envelope('Customer update request submitted successfully. Processing asynchronously.', accepted);
  }

  @Delete(':id')
  @HttpCode(202)
  @ApiAccepted(AcceptedView, 'Deletes a customer; the email may be used again')
  async remove(
    @Param('id', IdPipe) customerId: string,
    @Query() placement: PlacementQuery,
    @Caller() caller: Principal,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Envelope<AcceptedView>> {
    const payload = reference(customerId, caller, request);
    const accepted = await this.accept('DELETE_CUSTOMER', payload, placement, reply);
    return envelope('Customer deletion request submitted successfully. Processing asynchronously.', accepted);
  }

  @Post(':id/stats')
  @HttpCode(202)
  @ApiAccepted(AcceptedView, "Adds to a customer's totals")
  async updateStats(
    @Param('id', IdPipe) customerId: string,
    @Body() { spent, visits, at, eventId }: UpdateCustomerStatsDto,
    @Query() placement: PlacementQuery,
    @Caller() caller: Principal,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Envelope<AcceptedView>> {
    const payload = {
      ...reference(customerId, caller, request),
      spentCents: toCents(spent) ?? 0,
      visits,
      at: toInstant(at) ?? at,
      ...(eventId !== undefined && { eventId }),
    };
    const accepted = await this.accept('UPDATE_CUSTOMER_STATS', payload, placement, reply);
    return envelope(
      'Customer stats update request submitted successfully. Processing asynchronously.',
      accepted,
    );
  }

  private async accept<N extends SingleJobName>(
    name: N,
    payload: Payload<N>,
    placement: PlacementQuery,
    reply: FastifyReply,
    jobId = newId(),
  ): Promise<AcceptedView> {
    await this.queue.enqueue(name, payload, jobId, toPlacement(placement));
    reply.header('location', `/api/jobs/${jobId}`);
    return { status: 'processing', customerId: payload.customerId, jobId };
  }
}

const reference = (
  customerId: string,
  { tenantId, userId }: Principal,
  { id }: FastifyRequest,
): CustomerRef => ({
  customerId,
  tenantId,
  userId,
  requestId: id,
  acceptedAt: Date.now(),
});
