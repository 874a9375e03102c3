import { Controller, Get, NotFoundException, Param, type StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiCsv } from '../../http/api-answers';
import { CurrentExchange, type Exchange } from '../../http/exchange';
import { orUnavailable } from '../../queue/queue-unavailable';
import type { ImportRecord } from '../import/import-record';
import { ImportRecords } from '../import/import-records';
import { ImportReports } from '../import/report/import-reports';
import { csvDownload } from './csv-download';
import { IdPipe } from './id.pipe';

/** What became of each row of an import. */
@ApiTags('imports')
@Controller('api/customer/imports')
export class ImportReportController {
  constructor(
    private readonly records: ImportRecords,
    private readonly reports: ImportReports,
  ) {}

  @Get(':id/results.csv')
  @ApiCsv(
    'Downloads what became of each row, so far: `line`, `outcome` (created, updated, unchanged, skipped, rejected), `customerId`',
    404,
  )
  async results(
    @Param('id', IdPipe) id: string,
    @CurrentExchange() exchange: Exchange,
  ): Promise<StreamableFile> {
    const record = await this.find(id, exchange);
    return csvDownload(exchange.reply, this.reports.results(record), `${id}-results.csv`);
  }

  @Get(':id/errors.csv')
  @ApiCsv(
    'Downloads the rejected rows, so far: `line`, `reason`, then their own columns. Correct them and upload it as it is',
    404,
  )
  async errors(
    @Param('id', IdPipe) id: string,
    @CurrentExchange() exchange: Exchange,
  ): Promise<StreamableFile> {
    const record = await this.find(id, exchange);
    return csvDownload(exchange.reply, this.reports.errors(record), `${id}-errors.csv`);
  }

  private async find(id: string, { caller: { tenantId } }: Exchange): Promise<ImportRecord> {
    const record = await orUnavailable(this.records.find(tenantId, id));
    if (!record) throw new NotFoundException('There is no such import.');
    return record;
  }
}
