import { Injectable } from '@nestjs/common';
import { Environment } from '../../config/environment';
import { CustomerPurge, type Purged } from '../../customer/purge/customer-purge';
import type { MaintenanceHandler } from './maintenance-handler';

@Injectable()
export class PurgeDeletedCustomersHandler implements MaintenanceHandler<'PURGE_DELETED_CUSTOMERS'> {
  constructor(
    private readonly purge: CustomerPurge,
    private readonly environment: Environment,
  ) {}

  async handle(stopping: AbortSignal): Promise<Purged> {
    const { afterMs, maxPerRun } = this.environment.purge;
    // Planned by a worker with other settings.
    if (afterMs === undefined) return { purged: 0, visits: 0, complete: true };
    return this.purge.run(new Date(Date.now() - afterMs), maxPerRun, stopping);
  }
}
