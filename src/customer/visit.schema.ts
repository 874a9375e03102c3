import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';

/** A visit that was accepted. Its id is what makes it count once, so it is kept for good. */
@Schema({
  collection: 'customer_visits',
  versionKey: false,
  bufferCommands: false,
  autoIndex: false,
  autoCreate: false,
})
export class Visit {
  /** `customerId:eventId` */
  @Prop({ type: String, required: true }) _id: string;
  @Prop({ type: String, required: true }) tenantId: string;
  @Prop({ type: Number, required: true }) spentCents: number;
  @Prop({ type: Number, required: true }) visits: number;
  @Prop({ type: Date, required: true }) at: Date;
  /** Its place in the order of acceptance. */
  @Prop({ type: Number, required: true }) order: number;
  /** Set when the customer's totals have it: until then, the customer itself says so. */
  @Prop({ type: Boolean }) counted?: true;
}

export const VisitSchema = SchemaFactory.createForClass(Visit);
