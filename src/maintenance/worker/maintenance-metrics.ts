import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { JobMetrics } from '../../monitoring/metrics/job-metrics';
import { countAttempts, countStalls } from '../../monitoring/metrics/watch-worker';
import { MaintenanceProcessor } from './maintenance.processor';

/** Counts planned work. */
@Injectable()
export class MaintenanceMetrics implements OnApplicationBootstrap {
  constructor(
    private readonly processor: MaintenanceProcessor,
    private readonly metrics: JobMetrics,
  ) {}

  onApplicationBootstrap(): void {
    countAttempts(this.processor.worker, this.metrics);
    countStalls(this.processor.worker, this.metrics);
  }
}
