import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { Schema as MongooseSchema } from 'mongoose';
import type { mongo } from 'mongoose';
import type { ChunkCounts } from '../../jobs/customer.jobs';

/** What became of the rows of one chunk. */
@Schema({
  collection: 'import_reports',
  versionKey: false,
  bufferCommands: false,
  autoIndex: false,
  autoCreate: false,
})
export class ChunkReport {
  /** `importId-chunk` */
  @Prop({ type: String, required: true }) _id: string;
  @Prop({ type: String, required: true }) tenantId: string;
  @Prop({ type: String, required: true }) importId: string;
  @Prop({ type: Number, required: true }) chunk: number;
  @Prop({ type: MongooseSchema.Types.Mixed, required: true }) counts: ChunkCounts;
  /** Lines of CSV as zstd, one per row: `line,outcome,customerId`. */
  @Prop({ type: MongooseSchema.Types.Buffer, required: true }) resultLines: mongo.Binary;
  /** Lines of CSV as zstd, one per rejected row: `line,reason` and its own cells. */
  @Prop({ type: MongooseSchema.Types.Buffer }) errorLines?: mongo.Binary;
  /** MongoDB removes it then. */
  @Prop({ type: Date, required: true }) expiresAt: Date;
}

export const ChunkReportSchema = SchemaFactory.createForClass(ChunkReport);
ChunkReportSchema.index({ expiresAt: 1 }, { name: 'expiry', expireAfterSeconds: 0 });
/** What is kept of a tenant, in search of somebody who is erased. */
ChunkReportSchema.index({ tenantId: 1, _id: 1 }, { name: 'tenant' });
