import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram } from 'prom-client';
import { Metrics, PREFIX } from './metrics';

const BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** An answer, or that there was none. */
export interface Answered {
  method: string;
  /** The pattern of the route, never the path: that may name a customer. Undefined when there is none. */
  route: string | undefined;
  status: number;
  durationMs: number;
}

/** Rate, errors and duration of requests by route. */
@Injectable()
export class HttpMetrics {
  private readonly requests: Counter<'method' | 'route' | 'status'>;
  private readonly durations: Histogram<'method' | 'route'>;
  readonly inFlight: Gauge;
  readonly openStreams: Gauge;

  constructor({ counted }: Metrics) {
    const registers = [counted];
    this.requests = new Counter({
      name: `${PREFIX}http_requests_total`,
      help: 'Requests that were answered; status 499: the client left before.',
      labelNames: ['method', 'route', 'status'],
      registers,
    });
    this.durations = new Histogram({
      name: `${PREFIX}http_request_duration_seconds`,
      help: 'From the request to the end of its answer; of an event stream, to its beginning.',
      labelNames: ['method', 'route'],
      buckets: BUCKETS_S,
      registers,
    });
    this.inFlight = new Gauge({
      name: `${PREFIX}http_requests_in_flight`,
      help: 'Requests that are being answered, without open event streams.',
      registers,
    });
    this.openStreams = new Gauge({
      name: `${PREFIX}event_streams_open`,
      help: 'Clients that follow events.',
      registers,
    });
  }

  answered({ method, route = 'unmatched', status, durationMs }: Answered): void {
    const labels = { method: METHODS.includes(method) ? method : 'other', route };
    this.requests.inc({ ...labels, status });
    this.durations.observe(labels, durationMs / 1000);
  }
}
