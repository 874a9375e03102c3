import { Injectable } from '@nestjs/common';
import { IntakeMetrics } from '../monitoring/metrics/intake-metrics';
import { DurabilityGate } from './durability-gate';
import { QueueLimit } from './queue-limit';

/** What every way onto a queue does before it adds jobs, and after. */
@Injectable()
export class QueueIntake {
  constructor(
    private readonly limit: QueueLimit,
    private readonly durability: DurabilityGate,
    private readonly metrics: IntakeMetrics,
  ) {}

  /** Call it before jobs are added. @throws QueueFull, QueueUnavailable */
  admit(jobs: number): Promise<void> {
    return this.limit.admit(jobs);
  }

  /**
   * Call it when Redis has the jobs: resolves when they are as safe as ACK_DURABILITY says.
   * @throws QueueUnavailable (may have happened)
   */
  async added(queue: string, name: string, jobs: number): Promise<void> {
    await this.durability.settled();
    this.metrics.accepted(queue, name, jobs);
  }
}
