import { ApiProperty } from '@nestjs/swagger';
import type { Percentiles } from './percentiles';
import { MAX_FAILURES, SAMPLE_SIZE, type QueueDetails, type RecentFailure } from './queue-inspector';
import type { QueueWorker } from './queue-workers';
import { QueueCountsView } from './queue.view';
import type { Throughput } from './throughput';

class ThroughputView implements Throughput {
  @ApiProperty({ type: 'integer' }) lastMinute: number;
  @ApiProperty({ type: 'integer' }) lastHour: number;
}

class EndedJobsView {
  @ApiProperty({ type: ThroughputView }) completed: ThroughputView;
  @ApiProperty({ type: ThroughputView }) failed: ThroughputView;
}

class PercentilesView implements Percentiles {
  @ApiProperty({ type: Number, nullable: true, description: 'Null while there is no job to tell.' }) p50:
    number | null;
  @ApiProperty({ type: Number, nullable: true }) p95: number | null;
  @ApiProperty({ type: Number, nullable: true }) p99: number | null;
  @ApiProperty({ type: 'integer', maximum: SAMPLE_SIZE, description: 'How many jobs they are taken from.' })
  jobs: number;
}

class RecentFailureView implements RecentFailure {
  @ApiProperty({ type: String }) jobId: string;
  @ApiProperty({ type: String, example: 'CREATE_CUSTOMER' }) type: string;
  @ApiProperty({ type: String, description: 'For operators: may name servers.' }) reason: string;
  @ApiProperty({ type: 'integer' }) attempts: number;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) failedAt: string | null;
}

class QueueWorkerView implements QueueWorker {
  @ApiProperty({ type: String, description: "Redis' id of its connection." }) id: string;
  @ApiProperty({ type: String, nullable: true }) name: string | null;
  @ApiProperty({ type: String, example: '10.0.0.7:51234' }) address: string;
  @ApiProperty({ type: 'integer', description: 'Since it connected.' }) ageSeconds: number;
  @ApiProperty({ type: 'integer', description: 'Since it last asked for a job.' }) idleSeconds: number;
}

export class QueueDetailsView implements QueueDetails {
  @ApiProperty({ type: String, example: 'customer.jobs' }) queue: string;
  @ApiProperty({ type: Boolean, description: 'Whether workers take no jobs from it for now.' })
  paused: boolean;
  @ApiProperty({ type: QueueCountsView }) counts: QueueCountsView;
  @ApiProperty({
    type: EndedJobsView,
    description:
      'Jobs that ended, counted by the minute of the clock: what is but partly in the window is estimated.',
  })
  throughput: EndedJobsView;
  @ApiProperty({
    type: PercentilesView,
    description: `From due to started, of the last ${SAMPLE_SIZE} jobs that ended, those that were tried once.`,
  })
  waitMs: PercentilesView;
  @ApiProperty({
    type: PercentilesView,
    description: `The last attempt, of the last ${SAMPLE_SIZE} jobs that ended.`,
  })
  runMs: PercentilesView;
  @ApiProperty({
    type: 'integer',
    nullable: true,
    description:
      'How long the oldest job that is ready has been due; null when none is. Exact up to 1,000 ready jobs.',
  })
  oldestWaitingAgeMs: number | null;
  @ApiProperty({ type: [RecentFailureView], maxItems: MAX_FAILURES, description: 'The newest first.' })
  recentFailures: RecentFailureView[];
  @ApiProperty({ type: [QueueWorkerView] }) workers: QueueWorkerView[];
}
