import { Module } from '@nestjs/common';
import { AuditModule } from '../../audit/audit.module';
import { DeadLetterReader } from './dead-letter-reader';
import { DeadLetterRemover } from './dead-letter-remover';
import { DeadLetterReplay } from './dead-letter-replay';
import { DeadLetterReviver } from './dead-letter-reviver';
import { DeadLetterController } from './dead-letter.controller';
import { ReplayStore } from './replay-store';

/** For the API: dead letters are listed, replayed and deleted. */
@Module({
  imports: [AuditModule],
  controllers: [DeadLetterController],
  providers: [DeadLetterReader, DeadLetterRemover, DeadLetterReplay, DeadLetterReviver, ReplayStore],
  exports: [DeadLetterRemover, DeadLetterReplay, DeadLetterReviver],
})
export class DeadLettersModule {}
