import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Audited } from '../../audit/audited';
import { Caller, ForCockpit } from '../../auth/access';
import type { Principal } from '../../auth/principal';
import { ApiAccepted, ApiRead } from '../../http/api-answers';
import { envelope, type Envelope } from '../../http/envelope';
import { CurrentExchange, type Exchange } from '../../http/exchange';
import { Idempotency } from '../../http/idempotency/idempotency';
import { orUnavailable } from '../../queue/queue-unavailable';
import { parseMapping } from '../import/csv/column-mapping';
import { ImportIntake } from '../import/import-intake';
import { ImportRecords } from '../import/import-records';
import { CSV_BODY } from './csv-body';
import { IdPipe } from './id.pipe';
import { ImportDetailsView, ImportPageView, toImportView, UploadAcceptedView } from './import.view';
import { PageQuery } from '../../http/page.query';
import { originOf } from './origin';
import { toPlacement } from './placement.query';
import { UploadQuery } from './upload.query';
import { uploadedFile } from './uploaded-file';

/** When a look at the import is worth it: a small one is done by then. */
const LOOK_AFTER_S = 1;

@ApiTags('imports')
@Controller('api/customer')
export class ImportController {
  constructor(
    private readonly intake: ImportIntake,
    private readonly records: ImportRecords,
    private readonly idempotency: Idempotency,
  ) {}

  @Post('upload')
  @Audited('import.upload')
  @ForCockpit('operator')
  @HttpCode(202)
  @ApiAccepted(UploadAcceptedView, 'Imports a CSV file', {
    more: { status: { type: 'string', enum: ['queued'] } },
    failures: [413, 415],
    headers: {
      'retry-after': { description: 'Seconds until a first look at it.', schema: { type: 'integer' } },
    },
    requestBody: CSV_BODY,
  })
  async upload(
    @Query() query: UploadQuery,
    @CurrentExchange() exchange: Exchange,
  ): Promise<Envelope<UploadAcceptedView> & { status: 'queued' }> {
    const mapping = parseMapping(query.mapping);
    const file = uploadedFile(exchange.request);
    const answer = await this.idempotency.onceForFile(exchange, file, async (incoming) => {
      const settings = {
        onDuplicate: query.onDuplicate ?? 'update',
        dryRun: query.dryRun === 'true',
        mapping,
        placement: toPlacement(query),
      };
      const { importId, rows, bytes } = await this.intake.accept(incoming, originOf(exchange), settings);
      exchange.reply.header('location', `/api/jobs/${importId}`);
      const data = { importId, jobId: importId, status: 'queued' as const, rows, bytes };
      return { ...envelope('Processing asynchronously', data), status: 'queued' as const };
    });
    exchange.reply.header('retry-after', LOOK_AFTER_S);
    return answer;
  }

  @Get('imports')
  @ForCockpit('viewer')
  @ApiRead(ImportPageView, 'Lists imports, newest first')
  async list(
    @Query() { limit, cursor }: PageQuery,
    @Caller() { tenantId }: Principal,
  ): Promise<Envelope<ImportPageView>> {
    const found = await orUnavailable(this.records.list(tenantId, limit + 1, cursor));
    const items = found.slice(0, limit).map((record) => toImportView(record, Date.now()));
    const nextCursor = found.length > limit ? (items.at(-1)?.importId ?? null) : null;
    return envelope('Imports found', { items, nextCursor });
  }

  @Get('imports/:id')
  @ForCockpit('viewer')
  @ApiRead(ImportDetailsView, 'Reads an import: how far it is, and what was wrong', 404)
  async get(
    @Param('id', IdPipe) id: string,
    @Caller() { tenantId }: Principal,
  ): Promise<Envelope<ImportDetailsView>> {
    const [record, problems] = await Promise.all([
      this.records.get(tenantId, id),
      orUnavailable(this.records.problems(id)),
    ]);
    return envelope('Import found', { ...toImportView(record, Date.now()), problems });
  }
}
