import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, mongo } from 'mongoose';
import { TooManyCollisions } from '../customer.repository';
import { CustomerStatsRepository } from '../customer-stats.repository';
import { collectionOf, CustomerRecord } from '../customer.schema';
import { insertNew } from '../duplicate-key';
import { newCustomer } from '../new-customer';
import { OvertakenRows, type Overtaken } from './overtaken-rows';
import type { ImportRow } from './import-row';
import type { DuplicateRule } from './import-record';
import { changesOf, judgeUpdate, MET_A_CUSTOMER, valuesBefore } from './row-judgement';
import { ChangeLog, type ChunkRef, type RowChange } from './undo/change-log';
import { placesOfWrites } from './undo/put-back';
import type { RowOutcome, WrittenRow } from './written-row';

/** What is written: rows of one chunk of an import. */
export interface WriteTarget extends ChunkRef {
  rule: DuplicateRule;
}

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
    private readonly changeLog: ChangeLog,
  ) {
    this.customers = collectionOf(model);
  }

  /** @returns what became of each row, in their order */
  async write(target: WriteTarget, rows: ImportRow[]): Promise<WrittenRow[]> {
    const { tenantId } = target;
    const outcomes: Outcomes = new Map();
    let open = rows;
    for (let round = 0; open.length > 0; round++) {
      if (round === MAX_ROUNDS)
        throw new TooManyCollisions(`${open.length} rows are written by others at the same time`);
      const taken = await this.insert(tenantId, open);
      for (const row of open) if (!taken.has(row)) outcomes.set(row, createdBy(row));
      open = taken.size === 0 ? [] : await this.settleTaken(target, [...taken], outcomes);
    }
    const created = rows.filter((row) => outcomes.get(row)?.outcome === 'created');
    await this.settleOvertaken(target, await this.overtaken.takeBack(tenantId, created), outcomes);
    return rows.map((row) => outcomes.get(row) ?? OVERTAKEN);
  }

  /** @returns the rows whose id or email is taken */
  private async insert(tenantId: string, rows: ImportRow[]): Promise<Set<ImportRow>> {
    const records = rows.map((row) => newCustomer({ ...row, tenantId }, row.customer));
    const taken = await insertNew(this.customers, records);
    return new Set(rows.filter((_, place) => taken.has(place)));
  }

  /** @returns the rows to try again: their customer was changed or deleted meanwhile */
  private async settleTaken(
    target: WriteTarget,
    rows: ImportRow[],
    outcomes: Outcomes,
  ): Promise<ImportRow[]> {
    const { byEmail, ids } = await this.holders(target.tenantId, rows);
    for (const row of rows) if (ids.has(row.customerId)) outcomes.set(row, createdBy(row));
    const open = rows.filter(({ customerId }) => !ids.has(customerId));
    return this.settle(target, open, (row) => byEmail.get(row.customer.email), outcomes);
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
      open = await this.settle(target, open, (row) => byId.get(overtaken.get(row) ?? ''), outcomes);
    }
  }

  /** @returns the rows to try again: they have no customer, or it was changed meanwhile */
  private async settle(
    target: WriteTarget,
    rows: ImportRow[],
    holderOf: (row: ImportRow) => CustomerRecord | undefined,
    outcomes: Outcomes,
  ): Promise<ImportRow[]> {
    const again: ImportRow[] = [];
    const met = MET_A_CUSTOMER[target.rule];
    const updates = new Map<string, Update>();
    for (const row of rows) {
      const before = holderOf(row);
      const customerId = before?._id ?? null;
      if (!before) again.push(row);
      else if (met) outcomes.set(row, { outcome: met, customerId });
      else {
        const update = updates.get(before._id) ?? { before, after: before, rows: [], changes: [] };
        const outcome = await this.apply(row, update);
        if (outcome === 'updated') updates.set(before._id, update);
        // A round before this one may have written it already.
        if (outcome !== 'unchanged' || !outcomes.has(row)) outcomes.set(row, { outcome, customerId });
      }
    }
    again.push(...(await this.replaceAll(target, [...updates.values()])));
    return again;
  }

  /** Merges a row into its customer, after the rows of the chunk that came before it. */
  private async apply(row: ImportRow, update: Update): Promise<RowOutcome> {
    const changes = await changesOf(row, update.before, this.stats);
    const { outcome, after } = judgeUpdate(update.after, changes, row.order);
    if (!after) return outcome;
    const before = valuesBefore(update.after, after, changes, row.order);
    const places = placesOfWrites(update.after, before);
    const change = { line: row.line, customerId: after._id, order: row.order, before };
    update.changes.push(places ? { ...change, places } : change);
    update.after = after;
    update.rows.push(row);
    return outcome;
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
  private async replaceAll(target: WriteTarget, updates: Update[]): Promise<ImportRow[]> {
    if (updates.length === 0) return [];
    await this.changeLog.write(
      target,
      updates.flatMap(({ changes }) => changes),
    );
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
  /** One per row. */
  changes: RowChange[];
}

type Outcomes = Map<ImportRow, WrittenRow>;

/** A write that was accepted later, and ran before, deleted whom the row is about. */
const OVERTAKEN: WrittenRow = { outcome: 'unchanged', customerId: null };

const createdBy = ({ customerId }: ImportRow): WrittenRow => ({ outcome: 'created', customerId });
