import { Controller, Get, Param, type StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ForCockpit } from '../../auth/access';
import { ApiCsv } from '../../http/api-answers';
import { CurrentExchange, type Exchange } from '../../http/exchange';
import { ImportRecords } from '../import/import-records';
import { ImportReports } from '../import/report/import-reports';
import { csvDownload } from './csv-download';
import { IdPipe } from './id.pipe';

/** What became of each row of an import. */
@ApiTags('imports')
@ForCockpit('operator')
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
    const record = await this.records.get(exchange.caller.tenantId, id);
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
    const record = await this.records.get(exchange.caller.tenantId, id);
    return csvDownload(exchange.reply, this.reports.errors(record), `${id}-errors.csv`);
  }
}
