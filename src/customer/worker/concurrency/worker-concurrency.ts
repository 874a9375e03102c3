import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Environment } from '../../../config/environment';
import { LOGGER, type Logger } from '../../../logging/logger';
import { ConcurrencyMetrics } from '../../../monitoring/metrics/concurrency-metrics';
import { CustomerProcessor } from '../customer.processor';
import { ConcurrencyController } from './concurrency-controller';
import { WorkerLooks } from './worker-looks';
import { CHANGE_REASONS } from './worker-sample';

/** Runs fewer jobs at once while this process or its database can't do with more. */
@Injectable()
export class WorkerConcurrency implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly controller: ConcurrencyController;
  private readonly isFixed: boolean;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly processor: CustomerProcessor,
    private readonly looks: WorkerLooks,
    private readonly metrics: ConcurrencyMetrics,
    private readonly environment: Environment,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    const { workerConcurrency, workerEasing } = environment;
    this.controller = new ConcurrencyController({ ...workerEasing, ceiling: workerConcurrency });
    this.isFixed = workerEasing.floor === workerConcurrency;
    if (!this.isFixed) looks.watch();
    metrics.begin(workerConcurrency, CHANGE_REASONS);
  }

  /** Jobs that may run at once, as things are now. */
  get limit(): number {
    return this.controller.limit;
  }

  onApplicationBootstrap(): void {
    if (this.isFixed) return;
    this.timer = setInterval(() => {
      this.look();
    }, this.environment.workerEasing.lookEveryMs).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const before = this.controller.limit;
    const sample = this.looks.take((active) => this.controller.isUsual(active));
    const change = this.controller.next(sample);
    this.logger.trace({ ...sample, limit: before }, 'Looked at how the worker does');
    if (!change) return;
    const { limit, reason } = change;
    if (reason === 'distance') this.looks.accept();
    this.processor.worker.concurrency = limit;
    this.metrics.changed(limit, reason);
    this.logger.info(
      { ...sample, from: before, to: limit, reason },
      'Worker runs another number of jobs at once',
    );
  }
}
