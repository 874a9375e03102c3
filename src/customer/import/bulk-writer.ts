import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { mongo, type Model } from 'mongoose';
import { TooManyCollisions } from '../customer.repository';
import { hasTooManyAttributes, merge, type FieldChanges } from '../customer.merge';
import { CustomerStatsRepository } from '../customer-stats.repository';
import { collectionOf, CustomerRecord, DELETED_INDEX } from '../customer.schema';
import { isDuplicateKeyCode } from '../duplicate-key';
import { newCustomer } from '../new-customer';
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
    for (const row of await this.takeBack(tenantId, created)) outcomes.set(row, 'unchanged');
    return rows.map((row) => outcomes.get(row) ?? 'unchanged');
  }

  /** @returns the rows whose id or email is taken */
  private async insert(tenantId: string, rows: ImportRow[]): Promise<Set<ImportRow>> {
    const records = rows.map((row) => newCustomer({ ...row, tenantId }, row.customer));
    try {
      await this.customers.insertMany(records, { ordered: false });
      return new Set();
    } catch (error) {
      if (!(error instanceof mongo.MongoBulkWriteError)) throw error;
      const failures = [error.writeErrors].flat();
      if (failures.length === 0 || !failures.every(({ code }) => isDuplicateKeyCode(code))) throw error;
      return new Set(failures.map(({ index }) => rows[index]).filter((row) => row !== undefined));
    }
  }

  /**
   * A single write overtakes imports. A customer that was deleted after the import was accepted, but before its row was
   * written, must not come back by that row: whoever had the row's email when it was accepted is gone.
   * @returns the rows whose customers were removed again
   */
  private async takeBack(tenantId: string, created: ImportRow[]): Promise<ImportRow[]> {
    const [first] = created;
    if (!first) return [];
    const since = { tenantId, deletedOrder: { $gt: first.order } };
    // Nearly always nobody: one look at an index.
    if (!(await this.customers.findOne(since, { hint: DELETED_INDEX, projection: { _id: 1 } }))) return [];
    const deleted = await this.customers
      .find(
        { ...since, email: { $in: created.map(({ customer }) => customer.email) } },
        { hint: DELETED_INDEX, projection: { email: 1, deletedOrder: 1 } },
      )
      .toArray();
    const rows = created.filter((row) =>
      deleted.some(
        ({ _id, email, deletedOrder = 0 }) =>
          email === row.customer.email && deletedOrder > row.order && _id !== row.customerId,
      ),
    );
    await this.customers.deleteMany({
      _id: { $in: rows.map(({ customerId }) => customerId) },
      tenantId,
      revision: 1,
    });
    return rows;
  }

  /** @returns the rows to try again: their customer was changed or deleted meanwhile */
  private async settleTaken(
    tenantId: string,
    rows: ImportRow[],
    rule: DuplicateRule,
    outcomes: Map<ImportRow, RowOutcome>,
  ): Promise<ImportRow[]> {
    const { byEmail, ids } = await this.holders(tenantId, rows);
    const again: ImportRow[] = [];
    const updates = new Map<string, Update>();
    for (const row of rows) {
      const before = byEmail.get(row.customer.email);
      if (ids.has(row.customerId)) outcomes.set(row, 'created');
      else if (!before) again.push(row);
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
