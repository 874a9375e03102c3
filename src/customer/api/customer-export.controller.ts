import { Controller, Get, Query, type StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiCsv } from '../../http/api-answers';
import { CurrentExchange, type Exchange } from '../../http/exchange';
import { CustomerExport } from '../export/customer-export';
import { ChooseCustomersQuery } from './choose-customers.query';
import { csvDownload } from './csv-download';

/** Customers as a file. */
@ApiTags('customers')
@Controller('api/customer')
export class CustomerExportController {
  constructor(private readonly customers: CustomerExport) {}

  @Get('export.csv')
  @ApiCsv(
    'Downloads customers: `customerId`, `createdAt`, `updatedAt`, the columns of an upload, then one per attribute. Upload it as it is',
    409,
  )
  async download(
    @Query() { sort, ...filter }: ChooseCustomersQuery,
    @CurrentExchange() { caller: { tenantId }, reply }: Exchange,
  ): Promise<StreamableFile> {
    const isWanted = () => !reply.raw.destroyed;
    return csvDownload(reply, this.customers.csv({ tenantId, filter, sort, isWanted }), 'customers.csv');
  }
}
