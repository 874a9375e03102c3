import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiModule } from './api.module';
import { serveCockpit } from './cockpit/serve-cockpit';
import type { Environment } from './config/environment';
import { serveEventDocument } from './events/catalogue/asyncapi';
import { openToOrigins } from './http/door/cors';
import { createHttpApp } from './http/http-app';
import { limitAddresses } from './http/limits/limit-addresses';
import { serveApiDocument } from './http/openapi';
import type { Logger } from './logging/logger';
import { guardAdminPages } from './monitoring/admin-pages';
import { compose } from './role.module';

/** The API, whole but not begun: its routes are made by `init()`. */
export async function createApiApp(
  environment: Environment,
  logger: Logger,
): Promise<NestFastifyApplication> {
  const module = compose(ApiModule, environment, logger);
  const app = await createHttpApp(module, environment, logger, async (opened) => {
    await openToOrigins(opened, environment.corsOrigins);
    limitAddresses(opened);
  });
  await guardAdminPages(app);
  await serveCockpit(app);
  serveApiDocument(app);
  serveEventDocument(app);
  return app;
}
