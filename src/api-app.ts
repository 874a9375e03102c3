import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiModule } from './api.module';
import { serveCockpit } from './cockpit/serve-cockpit';
import type { Environment } from './config/environment';
import { serveEventDocument } from './events/catalogue/asyncapi';
import { createHttpApp } from './http/http-app';
import { serveApiDocument } from './http/openapi';
import type { Logger } from './logging/logger';
import { guardAdminPages } from './monitoring/admin-pages';
import { compose } from './role.module';

/** The API, whole but not begun: its routes are made by `init()`. */
export async function createApiApp(
  environment: Environment,
  logger: Logger,
): Promise<NestFastifyApplication> {
  const app = await createHttpApp(compose(ApiModule, environment, logger), environment, logger);
  await guardAdminPages(app);
  await serveCockpit(app);
  serveApiDocument(app);
  serveEventDocument(app);
  return app;
}
