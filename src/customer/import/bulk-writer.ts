import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, mongo } from 'mongoose';
import { TooManyCollisions } from '../customer.repository';
import { hasTooManyAttributes, merge, type FieldChanges } from '../customer.merge';
import { CustomerStatsRepository } from '../customer-stats.repository';
import { collectionOf, CustomerRecord } from '../customer.schema';
import { insertNew } from '../duplicate-key';
import { newCustomer } from '../new-customer';
import { OvertakenRows, type Overtaken } from './overtaken-rows';
import { rowChanges, type ImportRow } from './import-row';
import type { DuplicateRule } from './import-record';

export type RowOutcome = 'created' | 'updated' | 'unchanged' | 'skipped' | RowRefusal;
/** Why a row that is right in itself was not written. */
export type RowRefusal = 'duplicate' | 'too_many_attributes';

/** Rounds over rows that others write at the same time, before the chunk is retried later. */
const MAX_ROUNDS = 20;

/**
 * Writes rows many at a time: inserts first, since most rows are new and an insert costs a tenth of an upsert; what
 * comes back as taken is then handled by the rule. Running it again with the same rows gives the same documents and
 * the same outcomes: a row knows the customer it created by its id, and those it updated by its order.
 */
@Injectable()
export class BulkWriter {
  private readonly customers: mongo.Collection<CustomerRecord>;

  constructor(
    @InjectModel(CustomerRecord.name) model: Model<CustomerRecord>,
    private readonly stats: CustomerStatsRepository,
    private readonly overtaken: OvertakenRows,
  ) {
    this.customers = collectionOf(model);
  }

  /** @returns one outcome per row, in their order */
  async write(tenantId: string, rows: ImportRow[], rule: DuplicateRule): Promise<RowOutcome[]> {
    const outcomes = new Map<ImportRow, RowOutcome>();
    let open = rows;
    for (let round = 0; open.length > 0; round++) {
      if (round === MAX_ROUNDS)
        throw new TooManyCollisions(`${open.length} rows are written by others at the same time`);
      const taken = await this.insert(tenantId, open);
      for (const row of open) if (!taken.has(row)) outcomes.set(row, 'created');
      open = taken.size === 0 ? [] : await this.settleTaken(tenantId, [...taken], rule, outcomes);
    }
    const created = rows.filter((row) => outcomes.get(row) === 'created');
    await this.settleOvertaken(tenantId, await this.overtaken.takeBack(tenantId, created), rule, outcomes);
    return rows.map((row) => outcomes.get(row) ?? 'unchanged');
  }

  /** @returns the rows whose id or email is taken */
  private async insert(tenantId: string, rows: ImportRow[]): Promise<Set<ImportRow>> {
    const records = rows.map((row) => newCustomer({ ...row, tenantId }, row.customer));
    const taken = await insertNew(this.customers, records);
    return new Set(rows.filter((_, place) => taken.has(place)));
  }

  /** @returns the rows to try again: their customer was changed or deleted meanwhile */
  private async settleTaken(
    tenantId: string,
    rows: ImportRow[],
    rule: DuplicateRule,
    outcomes: Map<ImportRow, RowOutcome>,
  ): Promise<ImportRow[]> {
    const { byEmail, ids } = await this.holders(tenantId, rows);
    for (const row of rows) if (ids.has(row.customerId)) outcomes.set(row, 'created');
    const open = rows.filter(({ customerId }) => !ids.has(customerId));
    return this.settle(open, (row) => byEmail.get(row.customer.email), rule, outcomes);
  }

  /** The customers that the rows were about are not found by their emails any more. */
  private async settleOvertaken(
    tenantId: string,
    overtaken: Overtaken,
    rule: DuplicateRule,
    outcomes: Map<ImportRow, RowOutcome>,
  ): Promise<void> {
    for (const row of overtaken.keys()) outcomes.set(row, 'unchanged');
    let open = [...overtaken].filter(([, holder]) => holder !== null).map(([row]) => row);
    for (let round = 0; open.length > 0; round++) {
      if (round === MAX_ROUNDS)
        throw new TooManyCollisions(`${open.length} rows are written by others at the same time`);
      const ids = [...overtaken.values()].filter((id) => id !== null);
      const records = await this.customers.find({ _id: { $in: ids }, tenantId }).toArray();
      const byId = new Map(records.map((record) => [record._id, record]));
      open = await this.settle(open, (row) => byId.get(overtaken.get(row) ?? ''), rule, outcomes);
    }
  }

  /** @returns the rows to try again: they have no customer, or it was changed meanwhile */
  private async settle(
    rows: ImportRow[],
    holderOf: (row: ImportRow) => CustomerRecord | undefined,
    rule: DuplicateRule,
    outcomes: Map<ImportRow, RowOutcome>,
  ): Promise<ImportRow[]> {
    const again: ImportRow[] = [];
    const updates = new Map<string, Update>();
    for (const row of rows) {
      const before = holderOf(row);
      if (!before) again.push(row);
      else if (rule === 'skip') outcomes.set(row, 'skipped');
      else if (rule === 'fail') outcomes.set(row, 'duplicate');
      else {
        const update = updates.get(before._id) ?? { before, after: before, rows: [] };
        const outcome = await this.apply(row, update);
        if (outcome === 'updated') updates.set(before._id, update);
        // A round before this one may have written it already.
        if (outcome !== 'unchanged' || !outcomes.has(row)) outcomes.set(row, outcome);
      }
    }
    again.push(...(await this.replaceAll([...updates.values()])));
    return again;
  }

  /** Merges a row into its customer, after the rows of the chunk that came before it. */
  private async apply(row: ImportRow, update: Update): Promise<RowOutcome> {
    const { record, changed } = merge(update.after, await this.changesOf(row, update.before), row.order);
    if (!changed) return wasApplied(update.after, row.order) ? 'updated' : 'unchanged';
    if (hasTooManyAttributes(record)) return 'too_many_attributes';
    update.after = record;
    update.rows.push(row);
    return 'updated';
  }

  /** Totals in a file are those of the moment it was accepted: visits that were accepted later come on top. */
  private async changesOf(row: ImportRow, before: CustomerRecord): Promise<FieldChanges> {
    const changes = rowChanges(row);
    const setsTotals = 'totalSpend' in changes || 'visits' in changes || 'lastVisit' in changes;
    if (!setsTotals || (before.stats.visitOrder ?? 0) <= row.order) return changes;
    const later = await this.stats.laterThan(before, row.order);
    if (!later) return changes;
    const { totalSpendCents, visits, lastVisit } = row.customer;
    return {
      ...changes,
      ...(totalSpendCents !== undefined && { totalSpend: totalSpendCents + later.spentCents }),
      ...(visits !== undefined && { visits: visits + later.visits }),
      ...(lastVisit !== undefined && {
        lastVisit: new Date(Math.max(Date.parse(lastVisit), later.at.getTime())),
      }),
    };
  }

  /** The living customers with these emails, and which of the rows' own ids exist. */
  private async holders(tenantId: string, rows: ImportRow[]) {
    const [living, own] = await Promise.all([
      this.customers
        .find({ tenantId, email: { $in: rows.map(({ customer }) => customer.email) }, deletedAt: null })
        .toArray(),
      this.customers
        .find(
          { _id: { $in: rows.map(({ customerId }) => customerId) }, tenantId },
          { projection: { _id: 1 } },
        )
        .toArray(),
    ]);
    return {
      byEmail: new Map(living.map((record) => [record.email, record])),
      ids: new Set(own.map(({ _id }) => _id)),
    };
  }

  /** @returns the rows of customers that were written by others since they were read, when there was any */
  private async replaceAll(updates: Update[]): Promise<ImportRow[]> {
    if (updates.length === 0) return [];
    const now = new Date();
    const { matchedCount } = await this.customers.bulkWrite(
      updates.map(({ before, after }) => ({
        replaceOne: {
          filter: { _id: before._id, revision: before.revision },
          replacement: { ...after, revision: before.revision + 1, updatedAt: now },
        },
      })),
      { ordered: false },
    );
    // The driver does not say which did not match; those that did are found applied in the next round.
    return matchedCount === updates.length ? [] : updates.flatMap(({ rows }) => rows);
  }
}

/** What a chunk's rows make of one customer that exists. */
interface Update {
  before: CustomerRecord;
  after: CustomerRecord;
  rows: ImportRow[];
}

/** Whether a write of that order is part of the record already. */
const wasApplied = (record: CustomerRecord, order: number): boolean =>
  Object.values(record.fieldOrders ?? {}).includes(order);
