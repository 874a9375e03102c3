import { ApiProperty } from '@nestjs/swagger';
import type { DeadLetter } from './dead-letter-reader';
import { ACT_STATUSES, type ActProgress, type ActStatus } from './act-store';

class DeadLetterView implements DeadLetter {
  @ApiProperty({ type: String }) jobId: string;
  @ApiProperty({ type: String, example: 'CREATE_CUSTOMER' }) type: string;
  @ApiProperty({ type: String, nullable: true }) tenantId: string | null;
  @ApiProperty({ type: String, nullable: true }) requestId: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) queuedAt: string | null;
  @ApiProperty({ type: String, format: 'date-time' }) failedAt: string;
  @ApiProperty({ type: 'integer', description: 'Attempts that ended, since it was queued or replayed.' })
  attempts: number;
  @ApiProperty({ type: 'integer', description: 'How often its worker was lost or hung.' }) stalled: number;
  @ApiProperty({ type: String, description: 'For operators: may name servers. Emails in it are masked.' })
  error: string;
  @ApiProperty({ type: [String], description: 'The stack of each attempt that threw, the last ones.' })
  stack: string[];
}

class ReplayView implements Omit<ActProgress, 'act'> {
  @ApiProperty({
    type: String,
    enum: ACT_STATUSES,
    description:
      '`cancelled` by a person, `interrupted`: its process stopped; what was not replayed is still dead.',
  })
  status: ActStatus;
  @ApiProperty({ type: String, description: '`sub` of who asked for it, or a user of the admin pages.' })
  by: string;
  @ApiProperty({ type: String, format: 'date-time' }) startedAt: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) finishedAt: string | null;
  @ApiProperty({ type: 'integer' }) perSecond: number;
  @ApiProperty({ type: 'integer', description: 'Jobs that were dead when it was asked for.' }) total: number;
  @ApiProperty({ type: 'integer', description: 'Jobs that run again.' }) done: number;
  @ApiProperty({ type: 'integer', description: 'Jobs that were not dead any more at their turn.' })
  skipped: number;
}

export class DeadLettersView {
  @ApiProperty({ type: [DeadLetterView], maxItems: 200, description: 'The newest first.' })
  items: DeadLetterView[];
  @ApiProperty({ type: String, nullable: true, description: 'Null on the last page.' })
  nextCursor: string | null;
  @ApiProperty({ type: 'integer', description: 'Dead letters of the queue.' }) total: number;
  @ApiProperty({
    type: 'integer',
    description: 'Dead letters that were dropped, ever: there were too many, or they were too old.',
  })
  dropped: number;
  @ApiProperty({
    type: ReplayView,
    nullable: true,
    description: 'The replay that is running, or the last one; null when there was none in the last day.',
  })
  replay: ReplayView | null;
}

export class StartedReplayView {
  @ApiProperty({ type: String, example: 'customer.jobs' }) queue: string;
  @ApiProperty({ type: 'integer', description: 'Jobs that will run again.' }) jobs: number;
  @ApiProperty({ type: 'integer' }) perSecond: number;
  @ApiProperty({ type: [String], description: 'Of the ids given, those that are no dead letters.' })
  notFound: string[];
}

export class DeletedDeadLetterView {
  @ApiProperty({ type: String }) jobId: string;
}
