import { Module } from '@nestjs/common';
import { DeadLetterKeeper } from './dead-letter-keeper';
import { DeadLetterTrimmer } from './dead-letter-trimmer';

/** For workers: the dead letters of all their queues stay within their bounds. */
@Module({ providers: [DeadLetterKeeper, DeadLetterTrimmer] })
export class DeadLetterKeeperModule {}
