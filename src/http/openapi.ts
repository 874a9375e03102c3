import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

import { PRODUCT_VERSION } from '../product-version';
import { describeBodies } from './openapi-bodies';

const DESCRIPTION = `Accept now, persist later.

A write is checked, queued and answered with **202** and a \`Location\`: the job. Workers do the work; ask
\`GET /api/jobs/{jobId}\` what became of it, or subscribe to the Redis channel \`customer.events\`. A read sees a write
once its job is completed.

Every success is \`{"success": true, "message": "…", "data": …}\`. Every failure is problem details
([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)) with \`success: false\`, \`message\`, \`requestId\` and, for 400,
\`errors\`. A \`x-request-id\` that you send is returned, and follows the work into logs and events.

A write may be sent again when its answer was lost: give it an \`Idempotency-Key\`, the same on each try, and it happens
once.

Everything belongs to the tenant of the token: what is another tenant's is not found.`;

const TAGS = {
  customers: 'Write them through the queue, read them from the database.',
  imports: 'Many customers from one CSV file.',
  jobs: 'What became of a write.',
  notifications: 'E-mails that a tenant is sent when something happened.',
  webhooks: 'Events, sent to a URL of yours as [Standard Webhooks](https://www.standardwebhooks.com).',
  queues: 'The state of the service. Some routes need the role operator or admin.',
  health: 'For Kubernetes.',
  metrics: 'For Prometheus.',
};

/** Serves the OpenAPI document at `/openapi.json` and a page to read and try it at `/docs`. Public. */
export function serveApiDocument(app: NestFastifyApplication): void {
  SwaggerModule.setup('docs', app, apiDocument(app), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'InsightCRM API',
    customCss: '.swagger-ui .topbar { display: none }',
    swaggerOptions: { persistAuthorization: true },
  });
}

function apiDocument(app: NestFastifyApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('InsightCRM customer service')
    .setDescription(DESCRIPTION)
    .setVersion(PRODUCT_VERSION)
    .setLicense('MIT', 'https://spdx.org/licenses/MIT.html')
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: 'Claims: `sub`; optional `tenantId` and `roles` (`user`, `operator`, `admin`).',
    })
    .addBasicAuth({ type: 'http', scheme: 'basic', description: 'An account of the admin pages.' });
  for (const [name, description] of Object.entries(TAGS)) builder.addTag(name, description);
  const document = SwaggerModule.createDocument(app, builder.build(), { operationIdFactory: operationId });
  describeIds(document);
  describeBodies(document);
  return document;
}

/** `CustomerReadController.list` is `customerList`: generated clients name their functions after it. */
function operationId(controller: string, method: string): string {
  const resource = controller.replace(/(Read)?Controller$/, '');
  return (
    resource.charAt(0).toLowerCase() + resource.slice(1) + method.charAt(0).toUpperCase() + method.slice(1)
  );
}

/** All ids in paths are UUIDs, but those that a route describes itself. */
function describeIds(document: OpenAPIObject): void {
  for (const item of Object.values(document.paths)) {
    for (const operation of [item.get, item.post, item.put, item.patch, item.delete]) {
      for (const parameter of operation?.parameters ?? []) {
        if ('$ref' in parameter || parameter.in !== 'path' || parameter.description) continue;
        if (/^id$|Id$/.test(parameter.name)) parameter.schema = { type: 'string', format: 'uuid' };
      }
    }
  }
}
