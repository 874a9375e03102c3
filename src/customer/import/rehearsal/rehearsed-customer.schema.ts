import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { Schema as MongooseSchema } from 'mongoose';
import type { CustomerRecord } from '../../customer.schema';

/** A customer as it would be after a chunk of a dry run. Scratch: nobody but that import reads it. */
@Schema({
  collection: 'import_rehearsals',
  versionKey: false,
  minimize: false,
  bufferCommands: false,
  autoIndex: false,
  autoCreate: false,
})
export class RehearsedCustomer {
  /** Of import, chunk and email: a chunk that is tried again finds what it left. */
  @Prop({ type: String, required: true }) _id: string;
  @Prop({ type: String, required: true }) tenantId: string;
  @Prop({ type: String, required: true }) importId: string;
  @Prop({ type: Number, required: true }) chunk: number;
  @Prop({ type: String, required: true }) email: string;
  /** Whether there is such a customer, and not only in the file. */
  @Prop({ type: Boolean, required: true }) exists: boolean;
  @Prop({ type: MongooseSchema.Types.Mixed, required: true }) customer: CustomerRecord;
  /** MongoDB removes it then, where the import did not come to its end. */
  @Prop({ type: Date, required: true }) expiresAt: Date;
}

export const RehearsedCustomerSchema = SchemaFactory.createForClass(RehearsedCustomer);
RehearsedCustomerSchema.index(
  { tenantId: 1, importId: 1, email: 1, chunk: 1 },
  { name: 'tenant_import_email_chunk' },
);
RehearsedCustomerSchema.index({ expiresAt: 1 }, { name: 'expiry', expireAfterSeconds: 0 });
/** What is kept of a tenant, in search of somebody who is erased. */
RehearsedCustomerSchema.index({ 'customer.tenantId': 1, email: 1 }, { name: 'tenant_email' });
