import { Injectable } from '@nestjs/common';
import { CustomerRepository } from '../customer.repository';
import type { ImportRow } from '../import/import-row';
import { customerLane, emailLane, tenantLane } from '../jobs/customer-lanes';
import { JobTurns } from './job-turns';

/** Lets a chunk be written when the single writes to its customers that were accepted before its import have ended. */
@Injectable()
export class ChunkTurn {
  constructor(
    private readonly turns: JobTurns,
    private readonly customers: CustomerRepository,
  ) {}

  /** @throws WriteAhead */
  async take(tenantId: string, order: number, rows: readonly ImportRow[]): Promise<void> {
    // Single writes go before imports, so there is nearly never one left.
    if ((await this.turns.ahead(order, [tenantLane(tenantId)])) === undefined) return;
    const emails = rows.map(({ customer }) => customer.email);
    await this.turns.clear(
      order,
      emails.map((email) => emailLane(tenantId, email)),
    );
    const holders = await this.customers.holders(tenantId, emails);
    await this.turns.clear(
      order,
      holders.map((id) => customerLane(tenantId, id)),
    );
  }
}
