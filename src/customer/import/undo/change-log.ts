import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { mongo, type Model } from 'mongoose';
import { Environment } from '../../../config/environment';
import { newId } from '../../customer-id';
import type { FieldChanges, FieldPath } from '../../customer.merge';
import { collectionOf } from '../../customer.schema';
import { LoggedChanges } from './change-log.schema';

/** Longer than an import may be undone: its jobs wait, and may be retried. */
const MARGIN_MS = 24 * 3_600_000;

const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** BSON is made in a buffer of 17 MB. */
const PART_BYTES = 8 * 1024 * 1024;

/** A row that is about to change a customer. */
export interface RowChange {
  line: number;
  customerId: string;
  /** Place of the row in the order of acceptance: a field that still has it was not written since. */
  order: number;
  /** Values that the fields have before it, null for none. */
  before: FieldChanges;
  /** Places of the writes that those values are of, where it is not the create. */
  places?: Record<string, number>;
}

/** The chunk of an import that is written. */
export interface ChunkRef {
  tenantId: string;
  importId: string;
  chunk: number;
}

/**
 * What imports change, for their undo. Written before the change is: one that did not come about is told by its order,
 * which no field has.
 */
@Injectable()
export class ChangeLog {
  private readonly logged: mongo.Collection<LoggedChanges>;

  constructor(
    @InjectModel(LoggedChanges.name) model: Model<LoggedChanges>,
    private readonly environment: Environment,
  ) {
    this.logged = collectionOf(model);
  }

  async write({ tenantId, importId, chunk }: ChunkRef, changes: RowChange[]): Promise<void> {
    const expiresAt = new Date(Date.now() + this.environment.import.retentionMs + MARGIN_MS);
    for (const part of inParts(changes)) {
      const compressed = zstdCompressSync(mongo.BSON.serialize({ changes: part }), FAST);
      const document = { tenantId, importId, chunk, changes: new mongo.Binary(compressed), expiresAt };
      await this.logged.insertOne({ _id: newId(), ...document });
    }
  }

  /** Whether what an import logged is still there as a whole. */
  isWhole(startedAtMs: number): boolean {
    return Date.now() < startedAtMs + this.environment.import.retentionMs + MARGIN_MS;
  }

  /** Of one chunk, in the order of writing: of two for one row and field, the later one came about. */
  async read({ tenantId, importId, chunk }: ChunkRef): Promise<RowChange[]> {
    const found = await this.logged.find({ importId, chunk, tenantId }).sort({ _id: 1 }).toArray();
    return found.flatMap(
      ({ changes }) =>
        mongo.BSON.deserialize(zstdDecompressSync(changes.buffer), { promoteValues: true })
          .changes as RowChange[],
    );
  }
}

/** A thousand short rows may replace a thousand long values each: those are more than one document takes. */
function* inParts(changes: RowChange[]): Generator<RowChange[]> {
  let from = 0;
  let bytes = 0;
  for (let index = 0; index < changes.length; index++) {
    const more = mostBytes(changes[index] as RowChange);
    if (bytes > 0 && bytes + more > PART_BYTES) {
      yield changes.slice(from, index);
      from = index;
      bytes = 0;
    }
    bytes += more;
  }
  yield changes.slice(from);
}

/** No less than it takes as BSON: a character takes three bytes at most, or two characters four. */
function mostBytes({ before, places }: RowChange): number {
  let bytes = 256;
  for (const path in before) {
    const value = before[path as FieldPath];
    bytes += 3 * path.length + 32;
    if (typeof value === 'string') bytes += 3 * value.length;
    else if (Array.isArray(value)) for (const tag of value) bytes += 3 * tag.length + 32;
  }
  for (const path in places) bytes += 3 * path.length + 16;
  return bytes;
}
