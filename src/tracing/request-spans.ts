import type { IncomingMessage } from 'node:http';
import { trace } from '@opentelemetry/api';
import type { HttpInstrumentationConfig } from '@opentelemetry/instrumentation-http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** Asked every few seconds by machines. */
const PROBES = ['/health/', '/metrics', '/api/queue/health'];

/**
 * What a span says of a request: method, route, status. Not who asks, nor the URL: an address is personal data, and a
 * path or a query may hold a name or an email.
 */
const WITHHELD = {
  'client.address': undefined,
  'network.peer.address': undefined,
  'network.peer.port': undefined,
  'url.path': undefined,
  'url.query': undefined,
  'user_agent.original': undefined,
};

export const isProbe = ({ url = '' }: Pick<IncomingMessage, 'url'>): boolean =>
  PROBES.some((probe) => url.startsWith(probe));

export const REQUEST_SPANS: HttpInstrumentationConfig = {
  ignoreIncomingRequestHook: isProbe,
  startIncomingSpanHook: () => WITHHELD,
  // Whom the service calls is no part of its traces, and gets no header of them.
  disableOutgoingRequestInstrumentation: true,
};

/** Names the span of each request by its route, as `POST /api/customer`. */
export function nameRequestSpans(app: NestFastifyApplication): void {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request, _reply, done) => {
      const { url: route } = request.routeOptions;
      if (route !== undefined)
        trace.getActiveSpan()?.updateName(`${request.method} ${route}`).setAttribute('http.route', route);
      done();
    });
}
