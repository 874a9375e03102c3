import { createApiApp } from '../../src/api-app';
import { Environment } from '../../src/config/environment';
import { createLogger } from '../../src/logging/logger';
import { testVariables } from './environment';
import type { TestApp } from './test-app';

export interface Route {
  /** As in HTTP, in capitals. */
  method: string;
  /** With its parameters, as `{id}` or `:id`. */
  path: string;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
/** Parts of the page on which people sign in. */
export const SIGN_IN = ['/admin', '/admin/api/session', '/admin/assets/*'];

export const nameOf = ({ method, path }: Route) => `${method} ${path}`;

export const changesSomething = ({ method }: Route) => !['GET', 'HEAD', 'OPTIONS'].includes(method);

/** A path of the route, about a queue that there is and something that nobody has. */
export const filled = (path: string) =>
  path
    .replace(/\{queueName\}|:queueName|:queue\b/, 'customer.jobs')
    .replaceAll(/\{\w+\}|:\w+|\*/g, '00000000-0000-7000-8000-000000000000');

/** All operations of the OpenAPI document. */
export async function documentedRoutes({ url }: Pick<TestApp, 'url'>): Promise<Route[]> {
  const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: Record<string, object> };
  return Object.entries(paths).flatMap(([path, item]) =>
    METHODS.filter((method) => method in item).map((method) => ({ method: method.toUpperCase(), path })),
  );
}

/** What is served under `/admin`, in the router's spelling. */
export const adminRoutes = async (): Promise<Route[]> =>
  (await servedRoutes()).filter(({ path }) => path.startsWith('/admin'));

/** All that is served, in the router's spelling. */
export async function servedRoutes(): Promise<Route[]> {
  const environment = Environment.read(testVariables({ APP_ROLE: 'api' }));
  const app = await createApiApp(environment, createLogger(environment));
  const routes: Route[] = [];
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRoute', ({ method, url }) => {
      for (const verb of [method].flat()) routes.push({ method: verb, path: url });
    });
  await app.init();
  await app.close();
  return routes;
}
