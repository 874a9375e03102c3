import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Caller } from '../../auth/access';
import type { Principal } from '../../auth/principal';
import { ApiRead } from '../../http/api-answers';
import { envelope, type Envelope } from '../../http/envelope';
import { CustomerReader } from '../customer.reader';
import { CustomerPageView, CustomerView, toCustomerView } from './customer.view';
import { IdPipe } from './id.pipe';
import { ListCustomersQuery } from './list-customers.query';

/** Reads go to the database at once; a write is seen when its job is done. */
@ApiTags('customers')
@Controller('api/customer')
export class CustomerReadController {
  constructor(private readonly customers: CustomerReader) {}

  @Get()
  @ApiRead(CustomerPageView, 'Lists customers')
  async list(
    @Query() query: ListCustomersQuery,
    @Caller() { tenantId }: Principal,
  ): Promise<Envelope<CustomerPageView>> {
    const { items, nextCursor } = await this.customers.list(tenantId, query);
    return envelope('Customers found', { items: items.map(toCustomerView), nextCursor });
  }

  @Get(':id')
  @ApiRead(CustomerView, 'Reads a customer', 404)
  async get(
    @Param('id', IdPipe) id: string,
    @Caller() { tenantId }: Principal,
  ): Promise<Envelope<CustomerView>> {
    return envelope('Customer found', toCustomerView(await this.customers.get(tenantId, id)));
  }
}
