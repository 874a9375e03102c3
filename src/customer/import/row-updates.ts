import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, mongo } from 'mongoose';
import { CustomerStatsRepository } from '../customer-stats.repository';
import { collectionOf, CustomerRecord } from '../customer.schema';
import { replaceUnchanged, type Replacement } from '../replace-unchanged';
import type { DuplicateRule } from './import-record';
import type { ImportRow } from './import-row';
import { changesOf, judgeUpdate, MET_A_CUSTOMER, valuesBefore } from './row-judgement';
import { ChangeLog, type ChunkRef, type RowChange } from './undo/change-log';
import { placesOfWrites } from './undo/put-back';
import { WriteTurns } from './write-turns';
import type { RowOutcome, WrittenRow } from './written-row';

/** What is written: rows of one chunk of an import. */
export interface WriteTarget extends ChunkRef {
  rule: DuplicateRule;
}

export type Outcomes = Map<ImportRow, WrittenRow>;

/** What a chunk's rows make of one customer that exists. */
interface Update extends Replacement {
  rows: ImportRow[];
  /** One per row. */
  changes: RowChange[];
}

/** Handles rows that meet customers, by the rule of their import. What changes nothing is not written. */
@Injectable()
export class RowUpdates {
  private readonly customers: mongo.Collection<CustomerRecord>;

  constructor(
    @InjectModel(CustomerRecord.name) model: Model<CustomerRecord>,
    private readonly stats: CustomerStatsRepository,
    private readonly changeLog: ChangeLog,
    private readonly turns: WriteTurns,
  ) {
    this.customers = collectionOf(model);
  }

  /**
   * @param holderOf the customer that a row meets
   * @param outcomes of rows that are done, added to
   * @returns the rows to try again: they have no customer, or it was changed meanwhile
   */
  async settle(
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

  /** @returns the rows of customers that were written by others since they were read, when there was any */
  private async replaceAll(target: WriteTarget, updates: Update[]): Promise<ImportRow[]> {
    const written = updates.filter(({ changes }) => changes.length > 0);
    if (written.length === 0) return [];
    await this.changeLog.write(
      target,
      written.flatMap(({ changes }) => changes),
    );
    // Those that were replaced are found applied in the next round.
    const areAll = await this.turns.take(target.tenantId, () => replaceUnchanged(this.customers, written));
    return areAll ? [] : written.flatMap(({ rows }) => rows);
  }
}
