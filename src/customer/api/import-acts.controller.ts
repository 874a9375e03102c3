import {
  Controller,
  Get,
  HttpCode,
  NotFoundException,
  Param,
  Post,
  Query,
  type StreamableFile,
} from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Audited } from '../../audit/audited';
import { ForCockpit } from '../../auth/access';
import { ApiAccepted, ApiCsv } from '../../http/api-answers';
import { envelope, type Envelope } from '../../http/envelope';
import { CurrentExchange, type Exchange } from '../../http/exchange';
import { Idempotency } from '../../http/idempotency/idempotency';
import { orUnavailable } from '../../queue/queue-unavailable';
import { ImportCancel } from '../import/cancel/import-cancel';
import { ImportRecords } from '../import/import-records';
import { ImportUndo } from '../import/undo/import-undo';
import { UndoReports } from '../import/undo/undo-reports';
import { csvDownload } from './csv-download';
import { IdPipe } from './id.pipe';
import { ImportAcceptedView, toUndoView, UndoAcceptedView } from './import.view';
import { originOf } from './origin';
import { PlacementQuery, toPlacement } from './placement.query';

/** What can be done with an import that was accepted. */
@ApiTags('imports')
@ForCockpit('operator')
@Controller('api/customer/imports')
export class ImportActsController {
  constructor(
    private readonly cancels: ImportCancel,
    private readonly undos: ImportUndo,
    private readonly records: ImportRecords,
    private readonly reports: UndoReports,
    private readonly idempotency: Idempotency,
  ) {}

  @Post(':id/cancel')
  @Audited('import.cancel')
  @HttpCode(202)
  @ApiAccepted(
    ImportAcceptedView,
    'Cancels an import: nothing more is written, what was stays and is counted',
    {
      failures: [404],
    },
  )
  async cancel(
    @Param('id', IdPipe) id: string,
    @CurrentExchange() exchange: Exchange,
  ): Promise<Envelope<ImportAcceptedView>> {
    return this.idempotency.once(exchange, async () => {
      const { importId, status } = await this.cancels.cancel(exchange.caller.tenantId, id);
      exchange.reply.header('location', `/api/jobs/${importId}`);
      return envelope('Import cancelled: nothing more of it is begun', { importId, status });
    });
  }

  @Post(':id/undo')
  @Audited('import.undo')
  @HttpCode(202)
  @ApiAccepted(
    UndoAcceptedView,
    'Undoes an import that is over: deletes what it created, restores what it changed, but for customers changed since',
    { failures: [404], location: 'The import, whose `undo` tells how far it is.' },
  )
  async undo(
    @Param('id', IdPipe) id: string,
    @Query() placement: PlacementQuery,
    @CurrentExchange() exchange: Exchange,
  ): Promise<Envelope<UndoAcceptedView>> {
    return this.idempotency.once(exchange, async () => {
      const undo = await this.undos.undo(originOf(exchange), id, toPlacement(placement));
      exchange.reply.header('location', `/api/customer/imports/${id}`);
      return envelope('Import undo request submitted successfully. Processing asynchronously.', {
        importId: id,
        undo: toUndoView(undo),
      });
    });
  }

  @Get(':id/conflicts.csv')
  @ApiCsv('Downloads which rows could not be undone, since their customers were changed', 404)
  async conflicts(
    @Param('id', IdPipe) id: string,
    @CurrentExchange() { caller: { tenantId }, reply }: Exchange,
  ): Promise<StreamableFile> {
    const record = await orUnavailable(this.records.find(tenantId, id));
    if (!record?.undo) throw new NotFoundException('There is no such import, or no undo of it.');
    return csvDownload(reply, this.reports.csv(record), `${id}-conflicts.csv`);
  }
}
