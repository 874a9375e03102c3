import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { Schema as MongooseSchema } from 'mongoose';
import type { mongo } from 'mongoose';

/** What one chunk was about to change of customers that exist: one document per attempt to write it. */
@Schema({
  collection: 'import_changes',
  versionKey: false,
  bufferCommands: false,
  autoIndex: false,
  autoCreate: false,
})
export class LoggedChanges {
  /** Unique, and in the order of writing within a chunk. */
  @Prop({ type: String, required: true }) _id: string;
  @Prop({ type: String, required: true }) tenantId: string;
  @Prop({ type: String, required: true }) importId: string;
  @Prop({ type: Number, required: true }) chunk: number;
  /** `RowChange[]` as zstd of BSON: read back by `ChangeLog` only. */
  @Prop({ type: MongooseSchema.Types.Buffer, required: true }) changes: mongo.Binary;
  /** MongoDB removes it then. */
  @Prop({ type: Date, required: true }) expiresAt: Date;
}

export const LoggedChangesSchema = SchemaFactory.createForClass(LoggedChanges);
LoggedChangesSchema.index({ tenantId: 1, importId: 1, chunk: 1, _id: 1 }, { name: 'tenant_import_chunk' });
LoggedChangesSchema.index({ expiresAt: 1 }, { name: 'expiry', expireAfterSeconds: 0 });
/** What is kept of a tenant, in search of somebody who is erased. */
LoggedChangesSchema.index({ tenantId: 1, _id: 1 }, { name: 'tenant' });
