import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, mongo } from 'mongoose';
import { rowCustomerId } from '../../customer-id';
import { TooManyCollisions } from '../../customer.repository';
import { collectionOf, CustomerRecord } from '../../customer.schema';
import { replaceUnchanged } from '../../replace-unchanged';
import type { ImportRecord } from '../import-record';
import type { RowChange } from './change-log';
import type { ChunkPlace } from './chunk-sizes';
import { judgeChanged, judgeCreated, type UndoJudgement } from './undo-judgement';
import { UndoPlaces } from './undo-places';
import type { Conflict, UndoneChunk } from './undo-reports';

/** Rounds over customers that others write at the same time, before the chunk is retried later. */
const MAX_ROUNDS = 20;

/** The customers that a chunk made or changed, as they are now. */
export interface Touched {
  created: CustomerRecord[];
  changed: CustomerRecord[];
}

/**
 * Takes one chunk of an import back. Like every write it may run twice, beside its twin, and in any order with the other
 * chunks: what it finds done has a place of the undo, or the value that it puts back.
 */
@Injectable()
export class UndoWriter {
  private readonly customers: mongo.Collection<CustomerRecord>;

  constructor(@InjectModel(CustomerRecord.name) model: Model<CustomerRecord>) {
    this.customers = collectionOf(model);
  }

  async touched(
    record: ImportRecord,
    { firstRow, rows }: ChunkPlace,
    changes: RowChange[],
  ): Promise<Touched> {
    const { tenantId, importId } = record;
    const own = { $gte: rowCustomerId(importId, firstRow), $lt: rowCustomerId(importId, firstRow + rows) };
    // Deleted ones too: what was erased stays so.
    const unerased = { tenantId, erasedAt: { $exists: false } };
    const ids = [...new Set(changes.map(({ customerId }) => customerId))];
    const [created, changed] = await Promise.all([
      this.customers.find({ _id: own, ...unerased }).toArray(),
      ids.length === 0 ? [] : this.customers.find({ _id: { $in: ids }, ...unerased }).toArray(),
    ]);
    return { created, changed };
  }

  /** @param undo its first place in the order of acceptance */
  async undo(
    record: ImportRecord,
    undo: number,
    place: ChunkPlace,
    changes: RowChange[],
  ): Promise<UndoneChunk> {
    const places = new UndoPlaces(record.order, record.rows, undo);
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const judged = this.judge(record, places, await this.touched(record, place, changes), changes);
      const writes = [...judged.values()].flatMap(({ before, judgement }) =>
        typeof judgement === 'object' ? [{ before, after: judgement.after }] : [],
      );
      // What others wrote in between is judged again, until nothing is left to write.
      if (writes.length === 0) return countOf(judged, changes);
      await replaceUnchanged(this.customers, writes);
    }
    throw new TooManyCollisions(
      `Customers of import ${record.importId} are written by others at the same time`,
    );
  }

  private judge(
    record: ImportRecord,
    places: UndoPlaces,
    { created, changed }: Touched,
    changes: RowChange[],
  ): Judged {
    const judged: Judged = new Map();
    const byCustomer = Map.groupBy(changes, ({ customerId }) => customerId);
    for (const before of changed) {
      const judgement = isMadeBy(record, before)
        ? judgeCreated(before, before.order, places)
        : judgeChanged(before, byCustomer.get(before._id) ?? [], places);
      judged.set(before._id, { before, judgement, isCreated: false });
    }
    for (const before of created)
      judged.set(before._id, {
        before,
        judgement: judgeCreated(before, before.order, places),
        isCreated: true,
      });
    return judged;
  }
}

/** By customer. */
type Judged = Map<string, { before: CustomerRecord; judgement: UndoJudgement; isCreated: boolean }>;

/** Whether a row of the import made the customer: such a one is deleted, whatever later rows changed of it. */
const isMadeBy = ({ importId }: ImportRecord, { _id }: CustomerRecord): boolean =>
  _id.slice(0, -8) === importId.slice(0, -8);

function countOf(judged: Judged, changes: RowChange[]): UndoneChunk {
  const created = [...judged].filter(([, { isCreated }]) => isCreated);
  const kept = created
    .filter(([, { judgement }]) => judgement === 'conflict')
    .map(([customerId]) => ({ line: null, customerId }));
  const changed = [...new Map(changes.map((change) => [change.order, change])).values()];
  const unchanged = changed
    // One that is not there any more was erased since.
    .filter(({ customerId }) => (judged.get(customerId)?.judgement ?? 'conflict') === 'conflict')
    .map(({ line, customerId }) => ({ line, customerId }));
  const rows: Conflict[] = [...kept, ...unchanged];
  return {
    removed: created.length - kept.length,
    restored: changed.length - unchanged.length,
    conflicts: rows.length,
    rows,
  };
}
