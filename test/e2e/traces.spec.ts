import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { buildCsv, emailOfRow } from '../factories/csv';
import { buildCustomer } from '../factories/customer';
import { Client, type Answer } from '../helpers/client';
import { testVariables } from '../helpers/environment';
import { startProcess, type ServiceProcess } from '../helpers/process';
import { Stores } from '../helpers/stores';
import {
  CLIENT,
  CONSUMER,
  PRODUCER,
  SERVER,
  startTraceReceiver,
  type ReceivedSpan,
  type TraceReceiver,
} from '../helpers/trace-receiver';
import { waitFor, waitForImport, waitForJob } from '../helpers/wait';

const NOBODY = 'http://127.0.0.1:1';

/** Sent as soon as may be. */
const tracedTo = (url: string): Record<string, string> => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  OTEL_BSP_SCHEDULE_DELAY: '50',
});

/** A place in a trace of the caller's own. */
const newCaller = () => {
  const traceId = randomBytes(16).toString('hex');
  const spanId = randomBytes(8).toString('hex');
  return { traceId, spanId, headers: { traceparent: `00-${traceId}-${spanId}-01` } };
};

const createAs = (client: Client, headers: Record<string, string>, customer: object): Promise<Answer> =>
  client.fetch('/api/customer', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(customer),
  });

describe('traces of API and worker', () => {
  let receiver: TraceReceiver;
  let api: ServiceProcess;
  let worker: ServiceProcess;
  let client: Client;
  let stores: Stores;

  beforeAll(async () => {
    receiver = await startTraceReceiver();
    const variables = testVariables({ LOG_LEVEL: 'info', ...tracedTo(receiver.url) });
    [api, worker] = await Promise.all([
      startProcess({ ...variables, APP_ROLE: 'api' }),
      startProcess({ ...variables, APP_ROLE: 'worker' }),
    ]);
    client = new Client(api.url);
    stores = await Stores.of({ variables });
  });

  afterAll(async () => {
    for (const process of [api, worker]) process.signal('SIGTERM');
    await Promise.all([api.ended, worker.ended]);
    await stores.close();
  });

  const spansOf = (traceId: string) => receiver.spans().filter((span) => span.traceId === traceId);
  /** The trace's spans, once there are so many that ran jobs. */
  const traceOf = (traceId: string, runs = 1): Promise<ReceivedSpan[]> =>
    waitFor(
      `the spans of trace ${traceId}`,
      () => Promise.resolve(spansOf(traceId)),
      (spans) =>
        spans.some(({ kind }) => kind === SERVER) &&
        spans.filter(({ kind }) => kind === CONSUMER).length === runs,
    );
  const only = (spans: ReceivedSpan[], kind: number): ReceivedSpan => {
    const [span, ...others] = spans.filter((other) => other.kind === kind);
    if (!span || others.length > 0) throw new Error(`Not one span of kind ${kind}: ${JSON.stringify(spans)}`);
    return span;
  };

  it('lead from the request through the queue to the write in another process', async () => {
    const caller = newCaller();

    await createAs(client, caller.headers, buildCustomer());
    const spans = await traceOf(caller.traceId);

    const [request, added, run] = [SERVER, PRODUCER, CONSUMER].map((kind) => only(spans, kind));
    const write = spans.find(({ name }) => name === 'insert customers');
    expect(request).toMatchObject({ name: 'POST /api/customer', parentSpanId: caller.spanId });
    expect(request?.attributes).toMatchObject({ 'http.route': '/api/customer' });
    expect(added).toMatchObject({ name: 'add customer.jobs.CREATE_CUSTOMER', parentSpanId: request?.spanId });
    expect(run).toMatchObject({ name: 'process customer.jobs', parentSpanId: added?.spanId });
    expect(write).toMatchObject({ kind: CLIENT, parentSpanId: run?.spanId });
    expect(write?.attributes).toMatchObject({
      'db.system.name': 'mongodb',
      'db.operation.name': 'insert',
      'db.collection.name': 'customers',
    });
    expect([request, added, run, write].map((span) => span?.resource['process.pid'])).toEqual([
      api.pid,
      api.pid,
      worker.pid,
      worker.pid,
    ]);
    expect(request?.resource).toMatchObject({
      'service.name': 'insightcrm-customer-service',
      'service.version': expect.stringMatching(/^\d+\.\d+\.\d+$/),
      'app.role': 'api',
    });
  });

  it('stay apart, however many requests come at once', async () => {
    const callers = Array.from({ length: 30 }, newCaller);

    await Promise.all(callers.map(({ headers }) => createAs(client, headers, buildCustomer())));
    const traces = await Promise.all(callers.map(({ traceId }) => traceOf(traceId)));

    const chains = traces.map((spans) => {
      const [request, added, run] = [SERVER, PRODUCER, CONSUMER].map((kind) => only(spans, kind));
      return added?.parentSpanId === request?.spanId && run?.parentSpanId === added?.spanId;
    });
    expect(chains).toEqual(callers.map(() => true));
  });

  it('are found by the ids in the log lines of both processes', async () => {
    const caller = newCaller();
    const linesOf = (process: ServiceProcess) =>
      process.lines().filter(({ traceId }) => traceId === caller.traceId);

    const { body } = await createAs(client, caller.headers, buildCustomer());
    await waitForJob(client, body.data.jobId);
    const spans = await traceOf(caller.traceId);

    expect(linesOf(api)).toMatchObject([{ msg: 'request', spanId: only(spans, SERVER).spanId }]);
    expect(linesOf(worker)).toMatchObject([{ msg: 'job', spanId: only(spans, CONSUMER).spanId }]);
  });

  it('have the chunks of an import', async () => {
    const caller = newCaller();

    const accepted = await client.upload(buildCsv({ rows: 2_500 }), '', caller.headers);
    await waitForImport(client, accepted.body.data.importId);
    const spans = await traceOf(caller.traceId, 3);

    const added = only(spans, PRODUCER);
    const runs = spans.filter(({ kind }) => kind === CONSUMER);
    const writers = spans
      .filter(({ name }) => name === 'insert customers')
      .map((write) => write.parentSpanId);
    expect(added).toMatchObject({ name: 'add customer.jobs.BULK_IMPORT_CUSTOMERS' });
    expect(added.parentSpanId).toBe(only(spans, SERVER).spanId);
    expect(runs.map(({ parentSpanId }) => parentSpanId)).toEqual(Array(3).fill(added.spanId));
    expect(new Set(writers)).toEqual(new Set(runs.map(({ spanId }) => spanId)));
  });

  it('have the chunks of an undo', async () => {
    const caller = newCaller();
    const { importId } = (await client.upload(buildCsv({ rows: 2_500 }))).body.data;
    await waitForImport(client, importId);

    await client.fetch(`/api/customer/imports/${importId}/undo`, { method: 'POST', headers: caller.headers });
    const spans = await traceOf(caller.traceId, 3);

    expect(only(spans, PRODUCER)).toMatchObject({ name: 'add customer.jobs.UNDO_IMPORT' });
  });

  it('tell that a job failed, and not what its error says', async () => {
    const traceparent = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
    const telemetry = { metadata: JSON.stringify({ traceparent }) };

    await stores.queue.add('NO_SUCH_JOB', {}, { telemetry });
    const [, traceId = ''] = traceparent.split('-');
    const spans = await waitFor(
      'the span of the job',
      () => Promise.resolve(spansOf(traceId)),
      (seen) => seen.some(({ kind }) => kind === CONSUMER),
    );

    expect(only(spans, CONSUMER)).toMatchObject({ name: 'process customer.jobs', isError: true });
    expect(receiver.received()).not.toContain('No handler for job');
  });

  it('hold no personal data of customers and callers', async () => {
    const caller = newCaller();
    const customer = buildCustomer({ name: 'Zebedee Unmistakable', phone: '+1 555 0199' });
    const headers = { ...caller.headers, 'user-agent': 'Zebedees-Browser', baggage: 'who=Zebedee' };

    const { body } = await createAs(client, headers, customer);
    const { importId } = (await client.upload(buildCsv({ rows: 3, prefix: 'zebedee' }))).body.data;
    await Promise.all([waitForJob(client, body.data.jobId), waitForImport(client, importId)]);
    const reader = newCaller();
    await client.fetch(`/api/customer?email=${customer.email}&search=Zebedee`, reader);
    const stray = newCaller();
    await client.fetch(`/api/customers/${customer.email}`, stray);
    for (const { traceId } of [caller, reader, stray])
      await waitFor(
        'the request',
        () => Promise.resolve(spansOf(traceId)),
        (spans) => spans.some(({ kind }) => kind === SERVER),
      );

    const received = receiver.received();
    for (const secret of ['Zebedee', customer.email, '555 0199', emailOfRow('zebedee', 1), client.token])
      expect(received).not.toContain(secret);
    expect(received).not.toMatch(/client\.address|network\.peer|url\.query|url\.path/);
    expect(await stores.keysThatSay('who=')).toEqual([]);
  });

  it('leave probes out', async () => {
    await fetch(`${api.url}/health/ready`);
    await fetch(`${api.url}/api/queue/health`);
    const caller = newCaller();
    await createAs(client, caller.headers, buildCustomer());
    await traceOf(caller.traceId);

    const names = new Set(receiver.spans().map(({ name }) => name));
    expect([...names].filter((name) => /health|metrics|getNextJob/.test(name))).toEqual([]);
  });
});

describe('a process that sends traces', () => {
  it('sends those of its last requests before it ends, in protobuf where nothing else is asked for', async () => {
    const receiver = await startTraceReceiver();
    const service = await startProcess({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_BSP_SCHEDULE_DELAY: '60000',
    });
    await new Client(service.url).post('/api/customer', buildCustomer());
    const before = receiver.received();

    service.signal('SIGTERM');
    const code = await service.ended;

    expect({ code, before }).toEqual({ code: 0, before: '' });
    expect(receiver.received()).toContain('POST /api/customer');
  });

  it('accepts as ever when nobody takes them, and warns once', async () => {
    const service = await startProcess({
      ...tracedTo(NOBODY),
      OTEL_EXPORTER_OTLP_TIMEOUT: '1000',
      TRACE_FLUSH_TIMEOUT_MS: '500',
    });
    const client = new Client(service.url);
    const warnings = () =>
      service.lines().filter(({ msg }) => msg === 'Traces are not sent as they should be');

    const first = await client.post('/api/customer', buildCustomer());
    await waitFor(
      'a warning',
      () => Promise.resolve(warnings().length),
      (count) => count > 0,
      { timeoutMs: 18_000 },
    );
    const more = await Promise.all(
      Array.from({ length: 50 }, () => client.post('/api/customer', buildCustomer())),
    );
    service.signal('SIGTERM');
    const code = await service.ended;

    expect([first, ...more].map(({ status }) => status)).toEqual(Array(51).fill(202));
    expect(code).toBe(0);
    expect(warnings()).toMatchObject([{ level: 40, error: expect.stringContaining('ECONNREFUSED') }]);
    expect(warnings()[0]).not.toHaveProperty('traceId');
  }, 40_000);

  it('ends in time when the one who takes them hangs', async () => {
    const receiver = await startTraceReceiver();
    receiver.hang();
    const service = await startProcess({ ...tracedTo(receiver.url), TRACE_FLUSH_TIMEOUT_MS: '500' });
    await new Client(service.url).post('/api/customer', buildCustomer());

    const toldAt = performance.now();
    service.signal('SIGTERM');
    const code = await service.ended;

    expect(code).toBe(0);
    expect(performance.now() - toldAt).toBeLessThan(3_000);
    expect(service.lines().slice(-2)).toMatchObject([{ level: 40, error: 'TimeIsUp' }, { msg: 'stopped' }]);
  });
});

describe('the SDK of OpenTelemetry', () => {
  const loadedBy = async (variables: Record<string, string>): Promise<string[]> => {
    const printer = path.resolve(__dirname, '../helpers/print-loaded.mjs');
    const service = await startProcess({ ...variables, NODE_OPTIONS: `--import=${printer}` });
    service.signal('SIGTERM');
    await service.ended;
    const [, loaded = ''] = /^loaded: (.*)$/m.exec(service.output()) ?? [];
    return loaded.split(' ');
  };

  it('is loaded where traces are sent', async () => {
    expect(await loadedBy({ ...tracedTo(NOBODY), TRACE_FLUSH_TIMEOUT_MS: '0' })).toEqual(
      expect.arrayContaining(['@opentelemetry/sdk-node', '@opentelemetry/instrumentation-http']),
    );
  });

  it('is not loaded where they are not', async () => {
    const packages = await loadedBy({});

    expect(packages).toContain('fastify');
    expect(packages.filter((name) => /^@opentelemetry\/(?!api$)/.test(name))).toEqual([]);
  });
});
