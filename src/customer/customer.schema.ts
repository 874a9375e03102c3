import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { type Model, type mongo, Schema as MongooseSchema } from 'mongoose';

export type AttributeValue = string | number | boolean;

/** What a customer bought and when they came; `spendCents` is a whole number, exact below 2^53. */
@Schema({ _id: false })
export class CustomerStats {
  @Prop({ type: Number, required: true, default: 0 }) spendCents: number;
  @Prop({ type: Number, required: true, default: 0 }) visits: number;
  @Prop({ type: Date, default: null }) lastVisit: Date | null;
  /** Place of the last visit that was added, in the order of acceptance. */
  @Prop({ type: Number }) visitOrder?: number;
  /** Ids of visits that the totals have, and that may not be marked as counted yet. */
  @Prop({ type: [String], default: undefined }) counting?: string[];
}

export interface FormerEmail {
  email: string;
  order: number;
}

/**
 * One customer of one tenant. `order` is the place of its creation in the order of acceptance (µs since 1970);
 * `fieldOrders` has the place of the last write of each field that changed since, removed fields included, with
 * attributes as `attributes:key`. `revision` guards read-merge-write.
 */
@Schema({
  collection: 'customers',
  versionKey: false,
  minimize: false,
  bufferCommands: false,
  autoIndex: false,
  autoCreate: false,
})
export class CustomerRecord {
  @Prop({ type: String, required: true }) _id: string;
  @Prop({ type: String, required: true }) tenantId: string;
  @Prop({ type: String, required: true }) name: string;
  @Prop({ type: String, required: true }) email: string;
  @Prop({ type: String }) phone?: string;
  @Prop({ type: String }) address?: string;
  @Prop({ type: [String] }) tags?: string[];
  @Prop({ type: MongooseSchema.Types.Mixed, required: true }) attributes: Record<string, AttributeValue>;
  @Prop({ type: SchemaFactory.createForClass(CustomerStats), required: true }) stats: CustomerStats;
  @Prop({ type: Number, required: true }) order: number;
  @Prop({ type: MongooseSchema.Types.Mixed }) fieldOrders?: Record<string, number>;
  @Prop({ type: Number, required: true }) revision: number;
  @Prop({ type: Date, required: true }) createdAt: Date;
  @Prop({ type: Date, required: true }) updatedAt: Date;
  /** Set by a delete: the customer is gone for readers, and its email free. */
  @Prop({ type: Date, default: null }) deletedAt: Date | null;
  /** Place of the delete in the order of acceptance: writes before it still count, those after it are refused. */
  @Prop({ type: Number }) deletedOrder?: number;
  /** Fields that an undo put back: the place `by` which it did, and that of the write whose value they have again. */
  @Prop({ type: MongooseSchema.Types.Mixed }) putBack?: Record<string, { by: number; to: number }>;
  /** Emails that it had, the last ones, each with the place of the write that gave it up. */
  @Prop({ type: [MongooseSchema.Types.Mixed], default: undefined }) formerEmails?: FormerEmail[];
  /** Set by an erasure: what is left is a tombstone that says nothing of a person, and keeps late writes from coming back. */
  @Prop({ type: Date }) erasedAt?: Date;
  /** Emails whose traces are still to be removed; gone when the erasure is done. */
  @Prop({ type: [String], default: undefined }) erasing?: string[];
  /** Its emails as `erasedEmail` has them: rows of imports that were accepted before must not bring them back. */
  @Prop({ type: [String], default: undefined }) erasedEmails?: string[];
}

export const CustomerSchema = SchemaFactory.createForClass(CustomerRecord);

/** An email belongs to one living customer of a tenant. */
export const EMAIL_INDEX = 'tenant_email_living';
CustomerSchema.index(
  { tenantId: 1, email: 1 },
  { name: EMAIL_INDEX, unique: true, partialFilterExpression: { deletedAt: null } },
);
/** Lists: `_id` is ordered by time, so this is also the order of creation. */
CustomerSchema.index(
  { tenantId: 1, _id: 1 },
  { name: 'tenant_id_living', partialFilterExpression: { deletedAt: null } },
);
CustomerSchema.index(
  { tenantId: 1, name: 1, _id: 1 },
  { name: 'tenant_name_living', partialFilterExpression: { deletedAt: null } },
);
CustomerSchema.index(
  { tenantId: 1, tags: 1, _id: 1 },
  { name: 'tenant_tag', partialFilterExpression: { tags: { $exists: true } } },
);

/** Deletes since an import was accepted: its rows must not bring those customers back. */
export const DELETED_INDEX = 'tenant_deleted';
CustomerSchema.index(
  { tenantId: 1, deletedOrder: 1 },
  { name: DELETED_INDEX, partialFilterExpression: { deletedOrder: { $gt: 0 } } },
);

/** Deletes that were long ago: the purge removes those customers. Living customers are not in it. */
CustomerSchema.index(
  { deletedAt: 1 },
  { name: 'deleted_at', partialFilterExpression: { deletedAt: { $gt: new Date(0) } } },
);

/** Changes of email since an import was accepted: its rows must not make second customers of those. */
export const FORMER_EMAIL_INDEX = 'tenant_former_email';
CustomerSchema.index(
  { tenantId: 1, 'formerEmails.order': 1 },
  { name: FORMER_EMAIL_INDEX, partialFilterExpression: { 'formerEmails.order': { $gt: 0 } } },
);

/** The driver's collection behind a model: typed, without hydration, and failing at once while not connected. */
export const collectionOf = <T extends { _id: string }>(model: Model<T>): mongo.Collection<T> =>
  model.collection as unknown as mongo.Collection<T>;
