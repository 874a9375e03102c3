import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { JobMetrics } from '../../monitoring/metrics/job-metrics';
import { countStalls } from '../../monitoring/metrics/watch-worker';
import { CustomerProcessor } from './customer.processor';

/** Counts jobs of customers whose worker died; how attempts ended is told by {@link AttemptReports}. */
@Injectable()
export class StalledJobs implements OnApplicationBootstrap {
  constructor(
    private readonly processor: CustomerProcessor,
    private readonly metrics: JobMetrics,
  ) {}

  onApplicationBootstrap(): void {
    countStalls(this.processor.worker, this.metrics);
  }
}
