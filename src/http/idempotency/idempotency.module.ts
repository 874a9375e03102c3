import { Module } from '@nestjs/common';
import { Idempotency } from './idempotency';
import { IdempotencyRecords } from './idempotency-records';

/** Writes that may be sent again. */
@Module({ providers: [Idempotency, IdempotencyRecords], exports: [Idempotency] })
export class IdempotencyModule {}
