import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { CredentialsModule } from '../../auth/credentials.module';
import { JobTimesReader } from '../../queue/job-times';
import { QueueInspector } from '../../queue/queue-inspector';
import { ConcurrencyMetrics } from './concurrency-metrics';
import { EventMetrics } from './event-metrics';
import { HttpMetrics } from './http-metrics';
import { ImportMetrics } from './import-metrics';
import { IntakeMetrics } from './intake-metrics';
import { JobMetrics } from './job-metrics';
import { Metrics } from './metrics';
import { MetricsController } from './metrics.controller';
import { MongoMetrics } from './mongo-metrics';
import { ProcessMetrics } from './process-metrics';
import { QueueMetrics } from './queue-metrics';
import { RedisLook } from './redis-look';
import { RedisMetrics } from './redis-metrics';

const SEEN = [ProcessMetrics, RedisMetrics, MongoMetrics, QueueMetrics];
/** What each role alone can count. */
const OF_ROLE: Record<'api' | 'worker', Type[]> = {
  api: [IntakeMetrics],
  worker: [JobMetrics, ImportMetrics, ConcurrencyMetrics],
};

/** `/metrics`, and what counts for it: one registry for each application. */
@Module({})
export class MetricsModule {
  static forRole(role: 'api' | 'worker'): DynamicModule {
    const counters = [Metrics, HttpMetrics, EventMetrics, ...OF_ROLE[role]];
    return {
      module: MetricsModule,
      global: true,
      imports: [CredentialsModule],
      controllers: [MetricsController],
      providers: [...counters, ...SEEN, RedisLook, JobTimesReader, QueueInspector],
      exports: counters,
    };
  }
}
