import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { JobMetrics } from '../../monitoring/metrics/job-metrics';
import { CUSTOMER_QUEUE } from '../jobs/customer.jobs';
import { CustomerProcessor } from './customer.processor';

/** Counts jobs that this worker finds without the one that had them. Each is found by one worker. */
@Injectable()
export class StalledJobs implements OnApplicationBootstrap {
  constructor(
    private readonly processor: CustomerProcessor,
    private readonly metrics: JobMetrics,
  ) {}

  onApplicationBootstrap(): void {
    this.processor.worker.on('stalled', () => {
      this.metrics.stalled(CUSTOMER_QUEUE);
    });
  }
}
