import { trace } from '@opentelemetry/api';
import { startNodeSdk } from '@opentelemetry/sdk-node';
import { createConnection, type Connection } from 'mongoose';
import { traceCommands } from '../../src/tracing/mongo-spans';
import { testVariables } from '../helpers/environment';

type StartSdkOptions = NonNullable<Parameters<typeof startNodeSdk>[0]>;
type SpanProcessor = Extract<StartSdkOptions, { spanProcessors?: unknown }>['spanProcessors'];
type ReadableSpan = Parameters<NonNullable<SpanProcessor>[number]['onEnd']>[0];

describe('the spans of MongoDB', () => {
  const ended: ReadableSpan[] = [];
  const recorder = {
    onStart: () => undefined,
    onEnd: (span: ReadableSpan) => ended.push(span),
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  const sdk = startNodeSdk({ spanProcessors: [recorder], metricReaders: [], logRecordProcessors: [] });
  let connection: Connection;

  beforeAll(async () => {
    const { MONGODB_URI = '' } = testVariables();
    connection = await createConnection(MONGODB_URI, { monitorCommands: true }).asPromise();
    traceCommands(connection.getClient());
  });

  beforeEach(() => {
    ended.length = 0;
  });

  afterAll(async () => {
    await connection.close();
    await sdk.shutdown();
  });

  const traced = (work: () => Promise<unknown>): Promise<ReadableSpan[]> =>
    trace.getTracer('test').startActiveSpan('work', async (span) => {
      await work();
      span.end();
      return ended.filter(({ name }) => name !== 'work');
    });

  it('say what is done, where, and to how many at once', async () => {
    const people = connection.collection('people');

    const spans = await traced(async () => {
      await people.insertMany([{ email: 'ana@example.com' }, { email: 'bo@example.com' }]);
      await people.find({ email: { $ne: 'ana@example.com' } }, { batchSize: 1 }).toArray();
    });

    expect(spans.map(({ name }) => name)).toEqual(['insert people', 'find people', 'getMore people']);
    expect(spans[0]?.attributes).toEqual({
      'db.system.name': 'mongodb',
      'db.namespace': connection.name,
      'db.operation.name': 'insert',
      'db.operation.batch.size': 2,
      'db.collection.name': 'people',
      'server.address': connection.host,
      'server.port': connection.port,
    });
  });

  it('tell that a command failed by its code alone', async () => {
    const [span] = await traced(async () => {
      const wrong = connection.collection('people').aggregate([{ $nobody: 'ana@example.com' }]);
      await expect(wrong.toArray()).rejects.toThrow('$nobody');
    });

    expect(span).toMatchObject({ name: 'aggregate people', status: { code: 2 } });
    expect(span?.attributes['error.type']).toMatch(/^\d+$/);
    expect(JSON.stringify([span?.attributes, span?.status, span?.events])).not.toMatch(/ana@|nobody/);
  });

  it('are not made outside of a trace', async () => {
    await connection.collection('people').countDocuments();

    expect(ended).toEqual([]);
  });
});
