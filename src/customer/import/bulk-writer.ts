import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, mongo } from 'mongoose';
import { TooManyCollisions } from '../customer.repository';
import { collectionOf, CustomerRecord } from '../customer.schema';
import { insertNew } from '../duplicate-key';
import { newCustomer } from '../new-customer';
import { ExistingCustomers } from './existing-customers';
import type { ImportRow } from './import-row';
import { OvertakenRows, type Overtaken } from './overtaken-rows';
import { RowUpdates, type Outcomes, type WriteTarget } from './row-updates';
import { WriteTurns } from './write-turns';
import type { WrittenRow } from './written-row';

/** Rounds over rows that others write at the same time, before the chunk is retried later. */
const MAX_ROUNDS = 20;

/**
 * Writes rows many at a time. New ones are inserted without asking, since that costs a tenth of an upsert, and what
 * comes back as taken is handled by the rule. But an insert that fails costs as much as one that does not: where a
 * sample says that rows have customers, those are looked up first. Running it again with the same rows gives the same
 * documents and the same outcomes: a row knows the customer it created by its id, and those it updated by its order.
 */
@Injectable()
export class BulkWriter {
  private readonly customers: mongo.Collection<CustomerRecord>;

  constructor(
    @InjectModel(CustomerRecord.name) model: Model<CustomerRecord>,
    private readonly existing: ExistingCustomers,
    private readonly updates: RowUpdates,
    private readonly overtaken: OvertakenRows,
    private readonly turns: WriteTurns,
  ) {
    this.customers = collectionOf(model);
  }

  /** @returns what became of each row, in their order */
  async write(target: WriteTarget, rows: ImportRow[]): Promise<WrittenRow[]> {
    const { tenantId } = target;
    const outcomes: Outcomes = new Map();
    let open = rows;
    if (await this.existing.areLikely(tenantId, rows)) open = await this.settleMet(target, rows, outcomes);
    for (let round = 0; open.length > 0; round++) {
      if (round === MAX_ROUNDS)
        throw new TooManyCollisions(`${open.length} rows are written by others at the same time`);
      const taken = await this.insert(tenantId, open);
      for (const row of open) if (!taken.has(row)) outcomes.set(row, createdBy(row));
      open = taken.size === 0 ? [] : await this.settleMet(target, [...taken], outcomes);
    }
    const created = rows.filter((row) => outcomes.get(row)?.outcome === 'created');
    await this.settleOvertaken(target, await this.overtaken.takeBack(tenantId, created), outcomes);
    return rows.map((row) => outcomes.get(row) ?? OVERTAKEN);
  }

  /** @returns the rows whose id or email is taken */
  private async insert(tenantId: string, rows: ImportRow[]): Promise<Set<ImportRow>> {
    const records = rows.map((row) => newCustomer({ ...row, tenantId }, row.customer));
    const taken = await this.turns.take(tenantId, () => insertNew(this.customers, records));
    if (taken.size === 0) return new Set();
    return new Set(rows.filter((_, place) => taken.has(place)));
  }

  /** @returns the rows to insert: they have no customer, or it was changed or deleted meanwhile */
  private async settleMet(target: WriteTarget, rows: ImportRow[], outcomes: Outcomes): Promise<ImportRow[]> {
    const { byEmail, ownIds } = await this.existing.of(target.tenantId, rows);
    for (const row of rows) if (ownIds.has(row.customerId)) outcomes.set(row, createdBy(row));
    const others = rows.filter(({ customerId }) => !ownIds.has(customerId));
    const holderOf = (row: ImportRow) => byEmail.get(row.customer.email);
    // Asked for after the look at who is there: who has the email of somebody erased came later.
    const erased = await this.overtaken.erased(target.tenantId, others.filter(holderOf));
    for (const row of erased) outcomes.set(row, OVERTAKEN);
    const open = others.filter((row) => !erased.has(row));
    return this.updates.settle(target, open, holderOf, outcomes);
  }

  /** The customers that the rows were about are not found by their emails any more. */
  private async settleOvertaken(
    target: WriteTarget,
    overtaken: Overtaken,
    outcomes: Outcomes,
  ): Promise<void> {
    for (const row of overtaken.keys()) outcomes.set(row, OVERTAKEN);
    let open = [...overtaken].filter(([, holder]) => holder !== null).map(([row]) => row);
    for (let round = 0; open.length > 0; round++) {
      if (round === MAX_ROUNDS)
        throw new TooManyCollisions(`${open.length} rows are written by others at the same time`);
      const ids = [...overtaken.values()].filter((id) => id !== null);
      const records = await this.customers.find({ _id: { $in: ids }, tenantId: target.tenantId }).toArray();
      const byId = new Map(records.map((record) => [record._id, record]));
      open = await this.updates.settle(target, open, (row) => byId.get(overtaken.get(row) ?? ''), outcomes);
    }
  }
}

/** A write that was accepted later, and ran before, deleted whom the row is about. */
const OVERTAKEN: WrittenRow = { outcome: 'unchanged', customerId: null };

const createdBy = ({ customerId }: ImportRow): WrittenRow => ({ outcome: 'created', customerId });
