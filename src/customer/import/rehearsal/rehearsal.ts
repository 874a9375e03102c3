import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, mongo } from 'mongoose';
import { collectionOf, CustomerRecord } from '../../customer.schema';
import { CustomerStatsRepository } from '../../customer-stats.repository';
import { newCustomer } from '../../new-customer';
import type { WriteTarget } from '../row-updates';
import type { ImportRow } from '../import-row';
import { OvertakenRows } from '../overtaken-rows';
import { changesOf, judgeUpdate, MET_A_CUSTOMER } from '../row-judgement';
import type { WrittenRow } from '../written-row';
import { RehearsedCustomers } from './rehearsed-customers';

/** A customer that a row meets. */
export interface Met {
  customer: CustomerRecord;
  /** Whether there is such a customer, and not only in the file. */
  exists: boolean;
}

/**
 * What `BulkWriter` would do with rows, but for the writes to customers: rows are judged one after the other, each by
 * what those before it would have left.
 */
@Injectable()
export class Rehearsal {
  private readonly customers: mongo.Collection<CustomerRecord>;

  constructor(
    @InjectModel(CustomerRecord.name) model: Model<CustomerRecord>,
    private readonly stats: CustomerStatsRepository,
    private readonly overtaken: OvertakenRows,
    private readonly rehearsed: RehearsedCustomers,
  ) {
    this.customers = collectionOf(model);
  }

  /** Call it in the order of the chunks. @returns what would become of each row, in their order */
  async write(target: WriteTarget, rows: ImportRow[]): Promise<WrittenRow[]> {
    const met = await this.metBy(target, rows);
    const gone = await this.holdersSince(target.tenantId, rows, met);
    const erased = await this.overtaken.erased(target.tenantId, rows);
    const changed = new Map<string, Met>();
    const written: WrittenRow[] = [];
    for (const row of rows) {
      const { email } = row.customer;
      const before = met.get(email);
      if (erased.has(row) || (!before && gone.has(row)))
        written.push({ outcome: 'unchanged', customerId: null });
      else {
        const { after, ...judged } = await this.judge(target, row, before);
        written.push(judged);
        if (!after) continue;
        met.set(email, after);
        changed.set(email, after);
      }
    }
    await this.rehearsed.keep(target, changed);
    return written;
  }

  /** The import is over. */
  async end(ref: Pick<WriteTarget, 'tenantId' | 'importId'>): Promise<void> {
    await this.rehearsed.drop(ref);
  }

  private async judge(
    { tenantId, rule }: WriteTarget,
    row: ImportRow,
    before: Met | undefined,
  ): Promise<WrittenRow & { after?: Met }> {
    if (!before) {
      const customer = newCustomer({ ...row, tenantId }, row.customer);
      return { outcome: 'created', customerId: null, after: { customer, exists: false } };
    }
    const customerId = before.exists ? before.customer._id : null;
    const outcome = MET_A_CUSTOMER[rule];
    if (outcome) return { outcome, customerId };
    const changes = await changesOf(row, before.customer, this.stats);
    const judged = judgeUpdate(before.customer, changes, row.order);
    const after = judged.after && { customer: judged.after, exists: before.exists };
    return { outcome: judged.outcome, customerId, ...(after && { after }) };
  }

  /** By email, whom the rows meet: as the chunks before would have left it, or as it is. */
  private async metBy(target: WriteTarget, rows: ImportRow[]): Promise<Map<string, Met>> {
    const emails = [...new Set(rows.map(({ customer }) => customer.email))];
    const [living, rehearsed] = await Promise.all([
      this.customers.find({ tenantId: target.tenantId, email: { $in: emails }, deletedAt: null }).toArray(),
      this.rehearsed.before(target, emails),
    ]);
    const met = new Map<string, Met>(living.map((customer) => [customer.email, { customer, exists: true }]));
    for (const [email, customer] of rehearsed) met.set(email, customer);
    return met;
  }

  /**
   * Looks for those who had the emails that nobody has any more. One that has another email by now is met by it.
   * @returns the rows whose customer is deleted
   */
  private async holdersSince(
    tenantId: string,
    rows: ImportRow[],
    met: Map<string, Met>,
  ): Promise<Set<ImportRow>> {
    const overtaken = await this.overtaken.find(
      tenantId,
      rows.filter(({ customer }) => !met.has(customer.email)),
    );
    const ids = [...overtaken.values()].filter((id) => id !== null);
    const moved =
      ids.length === 0 ? [] : await this.customers.find({ _id: { $in: ids }, tenantId }).toArray();
    const byId = new Map(moved.map((customer) => [customer._id, customer]));
    for (const [row, id] of overtaken) {
      const customer = byId.get(id ?? '');
      if (customer) met.set(row.customer.email, { customer, exists: true });
    }
    return new Set([...overtaken].filter(([, id]) => id === null).map(([row]) => row));
  }
}
