import { Controller, Get, Query } from '@nestjs/common';
import { AuditLog } from '../../audit/audit-log';
import { AuditLogView, toAuditLogView } from '../../audit/audit.view';
import { ListAuditQuery } from '../../audit/list-audit.query';
import { envelope, type Envelope } from '../../http/envelope';
import { COCKPIT_API } from '../cockpit-paths';
import { CockpitRoutes } from '../visitor';

@CockpitRoutes()
@Controller(`${COCKPIT_API}/audit`)
export class CockpitAuditController {
  constructor(private readonly audit: AuditLog) {}

  @Get()
  async list(@Query() { limit, cursor }: ListAuditQuery): Promise<Envelope<AuditLogView>> {
    return envelope('Audit log', toAuditLogView(await this.audit.list(limit + 1, cursor), limit));
  }
}
