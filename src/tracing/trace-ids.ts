import { isSpanContextValid, trace } from '@opentelemetry/api';

/** Where in a trace a line is logged: nothing outside of one. */
export function traceIds(): { traceId?: string; spanId?: string } {
  const place = trace.getActiveSpan()?.spanContext();
  return place && isSpanContextValid(place) ? { traceId: place.traceId, spanId: place.spanId } : {};
}
