import { Module } from '@nestjs/common';
import { AuditModule } from '../../audit/audit.module';
import { DeadLetterReader } from './dead-letter-reader';
import { DeadLetterRemover } from './dead-letter-remover';
import { DeadLetterActs } from './dead-letter-acts';
import { DeadLetterReviver } from './dead-letter-reviver';
import { DeadLetterController } from './dead-letter.controller';
import { ActHands } from './act-hands';
import { ActStore } from './act-store';
import { DeadLetterSurvey } from './dead-letter-survey';

/** For the API: dead letters are listed, replayed and deleted. */
@Module({
  imports: [AuditModule],
  controllers: [DeadLetterController],
  providers: [
    ActHands,
    DeadLetterReader,
    DeadLetterSurvey,
    DeadLetterRemover,
    DeadLetterActs,
    DeadLetterReviver,
    ActStore,
  ],
  exports: [ActStore, DeadLetterSurvey, DeadLetterRemover, DeadLetterActs, DeadLetterReviver],
})
export class DeadLettersModule {}
