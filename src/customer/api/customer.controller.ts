import { Body, Controller, Delete, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiAccepted } from '../../http/api-answers';
import { envelope, type Envelope } from '../../http/envelope';
import { CurrentExchange, type Exchange } from '../../http/exchange';
import { Idempotency } from '../../http/idempotency/idempotency';
import { InvalidRequest } from '../../http/invalid-request';
import { toInstant } from '../instant';
import type { CustomerJobName, CustomerRef, Payload } from '../jobs/customer.jobs';
import { CustomerQueue } from '../jobs/customer.queue';
import { AcceptedView, CreateAcceptedView } from './accepted.view';
import { CreateCustomerDto } from './create-customer.dto';
import { DeleteCustomerQuery } from './delete-customer.query';
import { IdPipe } from './id.pipe';
import { toCents } from './money';
import { originOf } from './origin';
import { PlacementQuery, toPlacement } from './placement.query';
import { UpdateCustomerDto } from './update-customer.dto';
import { UpdateCustomerStatsDto } from './update-customer-stats.dto';

type SingleJobName = Exclude<CustomerJobName, 'BULK_IMPORT_CUSTOMERS' | 'UNDO_IMPORT' | 'TEST_QUEUE'>;

/** Writes of one customer: checked, queued, answered. None of them waits for the database. */
@ApiTags('customers')
@Controller('api/customer')
export class CustomerController {
  constructor(
    private readonly queue: CustomerQueue,
    private readonly idempotency: Idempotency,
  ) {}

  /** Creates a customer. */
  @Post()
  @HttpCode(202)
  @ApiAccepted(CreateAcceptedView, 'Creates a customer', { failures: [413, 415] })
  async create(
    @Body() customer: CreateCustomerDto,
    @Query() placement: PlacementQuery,
    @CurrentExchange() exchange: Exchange,
  ): Promise<Envelope<CreateAcceptedView>> {
    return this.idempotency.once(exchange, async ({ id }) => {
      // The job has its customer's id: a write that comes before it can ask whether it is under way.
      const payload = { ...customer, ...reference(id, exchange) };
      const accepted = await this.accept('CREATE_CUSTOMER', payload, id, placement, exchange);
      return envelope('Customer creation request submitted successfully. Processing asynchronously.', {
        ...accepted,
        email: customer.email,
      });
    });
  }

  @Patch(':id')
  @HttpCode(202)
  @ApiAccepted(AcceptedView, 'Changes the fields that are given; null removes one')
  async update(
    @Param('id', IdPipe) customerId: string,
    @Body() changes: UpdateCustomerDto,
    @Query() placement: PlacementQuery,
    @CurrentExchange() exchange: Exchange,
  ): Promise<Envelope<AcceptedView>> {
    if (Object.values(changes).every((value) => value === undefined)) {
      throw new InvalidRequest([
        { field: 'body', code: 'required', message: 'expected at least one field to change' },
      ]);
    }
    return this.idempotency.once(exchange, async ({ id }) => {
      const payload = { ...reference(customerId, exchange), changes: { ...changes } };
      const accepted = await this.accept('UPDATE_CUSTOMER', payload, id, placement, exchange);
      return envelope('Customer update request submitted successfully. Processing asynchronously.', accepted);
    });
  }

  @Delete(':id')
  @HttpCode(202)
  @ApiAccepted(AcceptedView, 'Deletes or erases a customer; the email may be used again')
  async remove(
    @Param('id', IdPipe) customerId: string,
    @Query() { erase, ...placement }: DeleteCustomerQuery,
    @CurrentExchange() exchange: Exchange,
  ): Promise<Envelope<AcceptedView>> {
    return this.idempotency.once(exchange, async ({ id }) => {
      const payload = {
        ...reference(customerId, exchange),
        ...(erase === 'true' && { erase: true as const }),
      };
      const accepted = await this.accept('DELETE_CUSTOMER', payload, id, placement, exchange);
      return envelope(
        'Customer deletion request submitted successfully. Processing asynchronously.',
        accepted,
      );
    });
  }

  @Post(':id/stats')
  @HttpCode(202)
  @ApiAccepted(AcceptedView, "Adds to a customer's totals")
  async updateStats(
    @Param('id', IdPipe) customerId: string,
    @Body() { spent, visits, at, eventId }: UpdateCustomerStatsDto,
    @Query() placement: PlacementQuery,
    @CurrentExchange() exchange: Exchange,
  ): Promise<Envelope<AcceptedView>> {
    return this.idempotency.once(exchange, async ({ id }) => {
      const payload = {
        ...reference(customerId, exchange),
        spentCents: toCents(spent) ?? 0,
        visits,
        at: toInstant(at) ?? at,
        ...(eventId !== undefined && { eventId }),
      };
      const accepted = await this.accept('UPDATE_CUSTOMER_STATS', payload, id, placement, exchange);
      return envelope(
        'Customer stats update request submitted successfully. Processing asynchronously.',
        accepted,
      );
    });
  }

  private async accept<N extends SingleJobName>(
    name: N,
    payload: Payload<N>,
    jobId: string,
    placement: PlacementQuery,
    { reply }: Exchange,
  ): Promise<AcceptedView> {
    await this.queue.enqueue(name, payload, jobId, toPlacement(placement));
    reply.header('location', `/api/jobs/${jobId}`);
    return { status: 'processing', customerId: payload.customerId, jobId };
  }
}

const reference = (customerId: string, exchange: Exchange): CustomerRef => ({
  customerId,
  ...originOf(exchange),
});
