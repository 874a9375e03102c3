import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { closing } from './closing';

type Attributes = Record<string, unknown>;

export interface ReceivedSpan {
  name: string;
  /** As OTLP numbers them. */
  kind: number;
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  attributes: Attributes;
  /** Of the process that made it. */
  resource: Attributes;
  isError: boolean;
}

export interface TraceReceiver {
  url: string;
  /** What came so far, of all processes. */
  spans: () => ReceivedSpan[];
  /** The bytes that came, as text. */
  received: () => string;
  /** From now on takes what is sent, and never answers. */
  hang(): void;
}

export const SERVER = 2;
export const CLIENT = 3;
export const PRODUCER = 4;
export const CONSUMER = 5;

/** Takes traces as a collector does, over OTLP/HTTP in JSON. */
export async function startTraceReceiver(): Promise<TraceReceiver> {
  const bodies: string[] = [];
  let hangs = false;
  const server = createServer((request, response) => {
    void read(request).then((body) => {
      bodies.push(body);
      if (!hangs) response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: () => bodies.flatMap(spansOf),
    received: () => bodies.join('\n'),
    hang: () => {
      hangs = true;
    },
  };
}

async function read(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

interface OtlpAttribute {
  key: string;
  value: Record<string, unknown>;
}

interface OtlpTraces {
  resourceSpans: {
    resource: { attributes: OtlpAttribute[] };
    scopeSpans: {
      spans: {
        name: string;
        kind: number;
        traceId: string;
        spanId: string;
        parentSpanId?: string;
        attributes: OtlpAttribute[];
        status: { code?: number };
      }[];
    }[];
  }[];
}

const ERROR = 2;

function spansOf(body: string): ReceivedSpan[] {
  const { resourceSpans } = JSON.parse(body) as OtlpTraces;
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ name, kind, traceId, spanId, parentSpanId, attributes, status }) => ({
        ...{ name, kind, traceId, spanId, parentSpanId },
        attributes: recordOf(attributes),
        resource: recordOf(resource.attributes),
        isError: status.code === ERROR,
      })),
    ),
  );
}

/** Each value is in a field that is named by its type. */
const recordOf = (attributes: OtlpAttribute[]): Attributes =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
