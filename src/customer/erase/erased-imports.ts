import { Injectable } from '@nestjs/common';
import type { ImportRecord } from '../import/import-record';
import { erasedEmail } from './erased-email';
import { ErasedChanges } from './erased-changes';
import { ErasedChunks } from './erased-chunks';
import { ErasedCustomers } from './erased-customers';
import type { ErasedPerson } from './erased-person';
import { ErasedReports } from './erased-reports';

/** Removes what imports keep of people who were erased. */
@Injectable()
export class ErasedImports {
  constructor(
    private readonly customers: ErasedCustomers,
    private readonly chunks: ErasedChunks,
    private readonly reports: ErasedReports,
    private readonly changes: ErasedChanges,
  ) {}

  /** Call it once the customer is erased: chunks that write something down from then on see that for themselves. */
  async remove({ tenantId, customerId, emails, order }: ErasedPerson): Promise<void> {
    const erased = {
      ids: new Set([customerId]),
      emails: new Set(emails.map((email) => erasedEmail(tenantId, email))),
    };
    await this.chunks.clean(tenantId, order, erased);
    await this.reports.clean({ tenantId }, erased);
    await this.changes.clean({ tenantId }, erased);
  }

  /** Call it when all that a chunk keeps is written: whom an erasure that ran beside it did not find there. */
  async removeLate({ tenantId, importId, order }: ImportRecord, chunk: number): Promise<void> {
    const erased = await this.customers.since(tenantId, order);
    if (erased.ids.size === 0) return;
    await this.reports.clean({ tenantId, importId, chunk }, erased);
    await this.changes.clean({ tenantId, importId, chunk }, erased);
  }
}
