import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { OperatorOnly } from '../auth/access';
import { ApiForOperators, ApiRead } from '../http/api-answers';
import { envelope, type Envelope } from '../http/envelope';
import { AuditLog } from './audit-log';
import { AuditLogView, toAuditLogView } from './audit.view';
import { ListAuditQuery } from './list-audit.query';

@ApiTags('queues')
@OperatorOnly()
@Controller('api/queue/audit')
export class AuditController {
  constructor(private readonly audit: AuditLog) {}

  @Get()
  @ApiForOperators()
  @ApiRead(AuditLogView, 'Lists who replayed, deleted or changed jobs by hand, and when')
  async list(@Query() { limit, cursor }: ListAuditQuery): Promise<Envelope<AuditLogView>> {
    return envelope('Audit log', toAuditLogView(await this.audit.list(limit + 1, cursor), limit));
  }
}
