import { Validator } from '@seriousme/openapi-schema-validator';
import type { OpenAPIObject } from '@nestjs/swagger';
import { servedRoutes } from '../helpers/service-routes';
import { createTestApp, type TestApp } from '../helpers/test-app';
import packageJson from '../../package.json';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

const PUBLIC = ['/api/queue/health', '/health/live', '/health/ready'];

function operationsOf({ paths }: OpenAPIObject): { route: string; path: string; operation: Operation }[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      return operation ? [{ route: `${method.toUpperCase()} ${path}`, path, operation }] : [];
    }),
  );
}

/** What the router serves below `/api` and `/health`, and `/metrics`, in the document's spelling. */
const servedByDocument = async (): Promise<string[]> =>
  (await servedRoutes())
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
    .filter((route) => /^(?!HEAD)\w+ \/((api|health)\/|metrics$)/.test(route))
    .sort();

describe('the OpenAPI document', () => {
  let app: TestApp;
  let document: OpenAPIObject;

  beforeAll(async () => {
    app = await createTestApp({ role: 'api' });
    const response = await fetch(`${app.url}/openapi.json`);
    document = (await response.json()) as OpenAPIObject;
  });

  afterAll(async () => {
    await app.close();
  });

  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();

    const { valid, errors } = await validator.validate({ ...document });

    expect(errors ?? []).toEqual([]);
    expect(valid).toBe(true);
    expect(document.openapi).toBe('3.1.0');
    expect(validator.version).toBe('3.1');
  });

  it('has the version of the package', () => {
    expect(document.info.version).toBe(packageJson.version);
  });

  it('has every route that is served, and no other', async () => {
    const documented = operationsOf(document).map(({ route }) => route);

    expect(documented.sort()).toEqual(await servedByDocument());
  });

  it('says null where OpenAPI 3.0 said nullable', () => {
    expect(JSON.stringify(document)).not.toContain('"nullable"');
    expect(document.components?.schemas?.CustomerView).toMatchObject({
      properties: { phone: { type: ['string', 'null'] } },
    });
  });

  it('names and sums up each operation, each by a name of its own', () => {
    const operations = operationsOf(document);
    const names = operations.map(({ operation }) => operation.operationId);

    expect(operations.filter(({ operation }) => !operation.summary)).toEqual([]);
    expect(operations.filter(({ operation }) => !operation.tags?.length)).toEqual([]);
    expect(names.every((name) => name !== undefined && /^[a-z][A-Za-z]+$/.test(name))).toBe(true);
    expect(new Set(names).size).toBe(names.length);
  });

  it('has a token asked for wherever one is needed, and nowhere else', () => {
    const open = operationsOf(document).filter(({ operation }) => !operation.security);

    expect(open.map(({ path }) => path).sort()).toEqual(PUBLIC);
    expect(document.components?.securitySchemes).toMatchObject({
      bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
    });
  });

  it('has the failures of each operation, as problem details', () => {
    for (const { route, path, operation } of operationsOf(document)) {
      if (path.startsWith('/health/') || path === '/metrics') continue;
      const failures = Object.keys(operation.responses).filter((status) => status >= '400');
      const expected = [
        ...['500', '503'],
        ...(operation.security ? ['400', '401', '429'] : []),
        ...(operation.requestBody ? ['413', '415'] : []),
        ...(path.includes('{') ? ['404'] : []),
      ];
      expect([route, failures]).toEqual([route, expect.arrayContaining(expected)]);
      for (const status of failures) {
        expect(operation.responses[status]).toMatchObject({
          description: expect.stringMatching(/\w/),
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/ProblemView' } } },
        });
      }
    }
  });

  it('says which operations are for operators', () => {
    const forOperators = operationsOf(document).filter(({ operation }) => '403' in operation.responses);

    expect(forOperators.map(({ route }) => route).sort()).toEqual([
      'DELETE /api/queue/{queueName}/dead-letter/{jobId}',
      'GET /api/queue/audit',
      'GET /api/queue/{queueName}/dead-letter',
      'GET /api/queue/{queueName}/details',
      'GET /metrics',
      'POST /api/queue/test/event',
      'POST /api/queue/test/job',
      'POST /api/queue/{queueName}/dead-letter/retry',
    ]);
  });

  it('says where to ask for the job of each write', () => {
    const writes = operationsOf(document).filter(
      ({ route, operation }) => '202' in operation.responses && !/\/test\/event$|\/dead-letter\//.test(route),
    );

    expect(writes.length).toBeGreaterThanOrEqual(6);
    for (const { operation } of writes)
      expect(operation.responses['202']).toHaveProperty('headers.location.schema');
  });

  it('says of each write how to send it again, and what that may be answered', () => {
    const writes = operationsOf(document).filter(
      ({ route, operation }) => '202' in operation.responses && !/\/test\/event$|\/dead-letter\//.test(route),
    );

    expect(writes.length).toBeGreaterThanOrEqual(6);
    for (const { operation } of writes) {
      expect(operation.parameters).toContainEqual(
        expect.objectContaining({ name: 'Idempotency-Key', in: 'header', required: false }),
      );
      expect(operation.responses).toMatchObject({
        202: { headers: { 'idempotency-replayed': { schema: { type: 'string' } } } },
        409: { headers: { 'retry-after': { schema: { type: 'integer' } } } },
        422: { content: { 'application/problem+json': {} } },
      });
    }
  });

  it('takes a CSV as a file in a form, or as the body', () => {
    expect(document.paths['/api/customer/upload']?.post?.requestBody).toMatchObject({
      content: {
        'multipart/form-data': { schema: { properties: { file: { type: 'string', format: 'binary' } } } },
        'text/csv': { schema: { type: 'string' } },
      },
    });
  });

  it('has UUIDs for ids in paths', () => {
    const ids = operationsOf(document)
      .filter(({ path }) => !path.includes('/dead-letter/'))
      .flatMap(({ operation }) => operation.parameters ?? [])
      .filter((parameter) => 'in' in parameter && parameter.in === 'path' && parameter.name !== 'queueName');

    expect(ids.length).toBeGreaterThanOrEqual(6);
    for (const id of ids) expect(id).toMatchObject({ schema: { type: 'string', format: 'uuid' } });
  });

  it('can be read and tried on a page, without a token', async () => {
    const page = await fetch(`${app.url}/docs`);

    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toMatch('text/html');
    expect(await page.text()).toMatch('InsightCRM API');
  });

  it('is not a worker’s', async () => {
    const worker = await createTestApp({ role: 'worker' });

    const answers = await Promise.all(['/docs', '/openapi.json'].map((path) => fetch(worker.url + path)));
    await worker.close();

    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
  });
});
