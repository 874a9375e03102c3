import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { Schema as MongooseSchema } from 'mongoose';
import type { mongo } from 'mongoose';

/** What the undo of one chunk came to. */
@Schema({
  collection: 'import_undos',
  versionKey: false,
  bufferCommands: false,
  autoIndex: false,
  autoCreate: false,
})
export class UndoReport {
  /** `importId-chunk` */
  @Prop({ type: String, required: true }) _id: string;
  @Prop({ type: String, required: true }) tenantId: string;
  @Prop({ type: String, required: true }) importId: string;
  @Prop({ type: Number, required: true }) chunk: number;
  @Prop({ type: Number, required: true }) removed: number;
  @Prop({ type: Number, required: true }) restored: number;
  @Prop({ type: Number, required: true }) conflicts: number;
  /** Lines of CSV, `line,customerId`, as zstd. */
  @Prop({ type: MongooseSchema.Types.Buffer, required: true }) conflictLines: mongo.Binary;
  /** MongoDB removes it then. */
  @Prop({ type: Date, required: true }) expiresAt: Date;
}

export const UndoReportSchema = SchemaFactory.createForClass(UndoReport);
UndoReportSchema.index({ expiresAt: 1 }, { name: 'expiry', expireAfterSeconds: 0 });
/** What is kept of a tenant, in search of somebody who is erased. */
UndoReportSchema.index({ tenantId: 1, _id: 1 }, { name: 'tenant' });
