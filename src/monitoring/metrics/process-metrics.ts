import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Gauge } from 'prom-client';
import { PRODUCT_VERSION } from '../../product-version';
import { Metrics, PREFIX } from './metrics';

/** Gauges that are named like counters, which Prometheus' own check refuses; what they sum up is there by type. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** Processor, memory, event loop, garbage collection; and which build it is. */
@Injectable()
export class ProcessMetrics {
  constructor({ seen }: Metrics) {
    collectDefaultMetrics({ register: seen });
    for (const name of MISNAMED) seen.removeSingleMetric(name);
    new Gauge({
      name: `${PREFIX}build_info`,
      help: 'Always 1; the version that runs.',
      labelNames: ['version'],
      registers: [seen],
    }).set({ version: PRODUCT_VERSION }, 1);
  }
}
