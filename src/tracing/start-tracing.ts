import { randomUUID } from 'node:crypto';
import { diag, DiagLogLevel } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { startNodeSdk } from '@opentelemetry/sdk-node';
import type { TracingSettings } from '../config/environment';
import type { Logger } from '../logging/logger';
import { PRODUCT_VERSION } from '../product-version';
import { inTime } from '../timing/in-time';
import { DiagLog } from './diag-log';
import { REQUEST_SPANS } from './request-spans';

const SERVICE_NAME = 'insightcrm-customer-service';

export interface Tracing {
  /** Sends the spans that are left, as far as they are taken in time. */
  stop(): Promise<void>;
}

/**
 * Makes and sends spans from now on. Call it before anything that serves HTTP is loaded. What the SDK finds wrong with
 * its own variables it says on standard error, and goes on with their defaults.
 */
export function startTracing(role: string, settings: TracingSettings, logger: Logger): Tracing {
  const sdk = startNodeSdk({
    // In the SDK's order: OTEL_RESOURCE_ATTRIBUTES wins over these, and OTEL_SERVICE_NAME over all.
    resourceDetectors: [{ detect: () => ({ attributes: ownAttributes(role) }) }],
    resourceAttributes: settings.serviceName === undefined ? {} : { 'service.name': settings.serviceName },
    instrumentations: [new HttpInstrumentation(REQUEST_SPANS)],
    // The service has metrics and a log of its own.
    metricReaders: [],
    logRecordProcessors: [],
    logLevel: 'warn',
  });
  diag.setLogger(new DiagLog(logger), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  return {
    stop: async () => {
      try {
        await inTime(settings.flushTimeoutMs, sdk.shutdown());
      } catch (error) {
        logger.warn({ error: nameOf(error) }, 'The last spans were not sent');
      }
    },
  };
}

const ownAttributes = (role: string) => ({
  'service.name': SERVICE_NAME,
  'service.version': PRODUCT_VERSION,
  'service.instance.id': randomUUID(),
  'process.pid': process.pid,
  'app.role': role,
});

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown');
