import { type Context, propagation, ROOT_CONTEXT, SpanStatusCode } from '@opentelemetry/api';
import { type Exception, type Span, SpanKind, type Telemetry } from 'bullmq';
import { BullMQOtel, BullMQOTelSpan } from 'bullmq-otel';

/** Beside jobs that are added and run, BullMQ would tell of each look for one, and of each lock that it renews. */
const TOLD: readonly SpanKind[] = [SpanKind.PRODUCER, SpanKind.CONSUMER];

/** The span of a job. Its result, and what an error says, may quote what was written: they are not told. */
class JobSpan extends BullMQOTelSpan {
  override addEvent(name: string): void {
    if (name === 'job failed') this.fail();
  }

  override recordException(exception: Exception): void {
    this.fail(typeof exception === 'object' ? exception.name : undefined);
  }

  private fail(name = '_OTHER'): void {
    this.span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', name);
  }
}

const nothing = (): void => undefined;
const UNTOLD: Span<Context> = {
  setSpanOnContext: (context) => context,
  setAttribute: nothing,
  setAttributes: nothing,
  addEvent: nothing,
  recordException: nothing,
  end: nothing,
};

/** How BullMQ takes part in a trace: who adds a job leaves its place in the trace with it, and who runs it goes on there. */
export function jobTelemetry(): Telemetry<Context> {
  const { tracer, contextManager } = new BullMQOtel();
  return {
    tracer: {
      startSpan: (name, options, context?: Context) => {
        if (!options || !TOLD.includes(options.kind)) return UNTOLD;
        const span = tracer.startSpan(name, options, context);
        return span instanceof BullMQOTelSpan ? new JobSpan(span.span) : span;
      },
    },
    contextManager: {
      with: (context: Context, work) => contextManager.with(context, work),
      active: () => contextManager.active(),
      root: () => ROOT_CONTEXT,
      // A caller's baggage may be anything: it is not kept in Redis.
      getMetadata: (context: Context) => contextManager.getMetadata(propagation.deleteBaggage(context)),
      fromMetadata: (active: Context, metadata) => contextManager.fromMetadata(active, metadata),
    },
  };
}
