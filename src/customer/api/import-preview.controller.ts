import { Controller, HttpCode, Post, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ForCockpit } from '../../auth/access';
import type { FastifyRequest } from 'fastify';
import { ApiFileRead } from '../../http/api-answers';
import { envelope, type Envelope } from '../../http/envelope';
import { parseMapping } from '../import/csv/column-mapping';
import { ImportPreview } from '../import/import-preview';
import { CSV_BODY } from './csv-body';
import { ImportPreviewView, toPreviewView } from './import-preview.view';
import { MappingQuery } from './mapping.query';
import { uploadedFile } from './uploaded-file';

@ApiTags('imports')
@ForCockpit('operator')
@Controller('api/customer/imports')
export class ImportPreviewController {
  constructor(private readonly previews: ImportPreview) {}

  @Post('preview')
  @HttpCode(200)
  @ApiFileRead(ImportPreviewView, 'Looks at the beginning of a CSV file; nothing is queued', CSV_BODY)
  async preview(
    @Query() { mapping }: MappingQuery,
    @Req() request: FastifyRequest,
  ): Promise<Envelope<ImportPreviewView>> {
    const preview = await this.previews.of(uploadedFile(request), parseMapping(mapping));
    return envelope('File previewed', toPreviewView(preview));
  }
}
