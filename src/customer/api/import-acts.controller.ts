import { Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiAccepted } from '../../http/api-answers';
import { envelope, type Envelope } from '../../http/envelope';
import { CurrentExchange, type Exchange } from '../../http/exchange';
import { Idempotency } from '../../http/idempotency/idempotency';
import { ImportCancel } from '../import/cancel/import-cancel';
import { IdPipe } from './id.pipe';
import { ImportAcceptedView } from './import.view';

/** What can be done with an import that was accepted. */
@ApiTags('imports')
@Controller('api/customer/imports')
export class ImportActsController {
  constructor(
    private readonly cancels: ImportCancel,
    private readonly idempotency: Idempotency,
  ) {}

  @Post(':id/cancel')
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
}
