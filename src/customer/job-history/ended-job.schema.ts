import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { Schema as MongooseSchema } from 'mongoose';

/** Why a job failed, for who asked for it. */
export interface JobError {
  reason: string;
  message: string;
}

/** What is told of a job after its end, when the queue has removed it. Nothing here says who a customer is. */
@Schema({
  collection: 'job_history',
  versionKey: false,
  minimize: false,
  bufferCommands: false,
  autoIndex: false,
  autoCreate: false,
})
export class EndedJob {
  /** The job's id. */
  @Prop({ type: String, required: true }) _id: string;
  @Prop({ type: String, required: true }) tenantId: string;
  @Prop({ type: String }) requestId?: string;
  /** Whose it was: an id says nothing of a person. */
  @Prop({ type: String }) customerId?: string;
  /** Name of the job. */
  @Prop({ type: String, required: true }) type: string;
  @Prop({ type: String, required: true }) status: 'completed' | 'failed';
  @Prop({ type: Number, required: true }) attempts: number;
  @Prop({ type: MongooseSchema.Types.Mixed, default: null }) result: object | null;
  @Prop({ type: MongooseSchema.Types.Mixed, default: null }) error: JobError | null;
  @Prop({ type: Date, required: true }) queuedAt: Date;
  @Prop({ type: Date, default: null }) startedAt: Date | null;
  @Prop({ type: Date, required: true }) finishedAt: Date;
  /** MongoDB removes it then. */
  @Prop({ type: Date, required: true }) expiresAt: Date;
}

export const EndedJobSchema = SchemaFactory.createForClass(EndedJob);
EndedJobSchema.index({ expiresAt: 1 }, { name: 'expiry', expireAfterSeconds: 0 });
/** What operators look for. */
EndedJobSchema.index({ customerId: 1 }, { name: 'customer', sparse: true });
EndedJobSchema.index({ requestId: 1 }, { name: 'request', sparse: true });
