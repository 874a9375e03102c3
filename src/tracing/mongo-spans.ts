import { context, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { mongo } from 'mongoose';

/** Of a command that writes many at once, where they are. */
const STATEMENTS = ['documents', 'updates', 'deletes'];

/**
 * Makes a span for each command that is sent within a trace, such as `insert customers`: what is done and where, never
 * what is written or asked for. The driver tells of a command in the context of its caller.
 * @param client opened with `monitorCommands`
 */
export function traceCommands(client: mongo.MongoClient): void {
  const tracer = trace.getTracer('mongodb');
  const underWay = new Map<number, Span>();
  const take = (requestId: number): Span | undefined => {
    const span = underWay.get(requestId);
    underWay.delete(requestId);
    return span;
  };
  client.on('commandStarted', (event) => {
    if (!trace.getSpan(context.active())) return;
    const { name, attributes } = describe(event);
    underWay.set(event.requestId, tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }));
  });
  client.on('commandSucceeded', ({ requestId }) => {
    take(requestId)?.end();
  });
  client.on('commandFailed', ({ requestId, failure }) => {
    take(requestId)
      ?.setStatus({ code: SpanStatusCode.ERROR })
      .setAttribute('error.type', typeOf(failure))
      .end();
  });
}

function describe({ address, commandName, command, databaseName }: mongo.CommandStartedEvent) {
  const { [commandName]: target, collection: continued, ...rest } = command as Record<string, unknown>;
  const collection = [continued, target].find((value) => typeof value === 'string');
  const portAt = address.lastIndexOf(':');
  return {
    name: `${commandName} ${collection ?? databaseName}`,
    attributes: {
      'db.system.name': 'mongodb',
      'db.namespace': databaseName,
      'db.operation.name': commandName,
      'db.operation.batch.size': batchSizeOf(rest),
      'db.collection.name': collection,
      'server.address': address.slice(0, portAt),
      'server.port': Number(address.slice(portAt + 1)),
    },
  };
}

/** Undefined for a single one, as the conventions have it. */
function batchSizeOf(command: Record<string, unknown>): number | undefined {
  const statements = STATEMENTS.map((name) => command[name]).find((value) => Array.isArray(value));
  return statements && statements.length > 1 ? statements.length : undefined;
}

/** The server's code where it has one: a message may quote what was written. */
const typeOf = (failure: Error): string =>
  failure instanceof mongo.MongoError && failure.code !== undefined ? String(failure.code) : failure.name;
