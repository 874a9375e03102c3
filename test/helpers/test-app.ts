import { Environment } from '../../src/config/environment';
import { createLogger } from '../../src/logging/logger';
import { startService } from '../../src/service';
import { Client } from './client';
import { closing } from './closing';
import { waitFor } from './wait';
import { testVariables } from './environment';
import type { TokenOptions } from './tokens';

export type TestRole = 'api' | 'worker' | 'all';

export interface TestApp {
  url: string;
  variables: Record<string, string>;
  /** A client with a token of its own; of a new tenant unless one is given. */
  client(options?: TokenOptions): Client;
  close(): Promise<void>;
}

export interface TestAppOptions {
  role?: TestRole;
  /** Over those of a service of its own; another app's make both work on the same data. */
  variables?: Record<string, string>;
  /** False where a server is away on purpose. */
  awaitReady?: boolean;
}

const NOBODY = '/api/customer/00000000-0000-7000-8000-000000000000';

/** Boots a role in this process, against the real servers, and waits until it is ready. */
export async function createTestApp({
  role = 'all',
  variables = {},
  awaitReady = true,
}: TestAppOptions = {}): Promise<TestApp> {
  const all = testVariables({ ...variables, APP_ROLE: role });
  const environment = Environment.read(all);
  const service = await startService(environment, createLogger(environment));
  const close = closing(() => service.close());
  const url = service.url.replace('[::1]', '127.0.0.1');
  const isReady = async () => {
    const health = await fetch(`${url}/health/ready`);
    // An API is ready before it has MongoDB; tests read from it at once.
    return health.ok && role !== 'worker' ? (await new Client(url).get(NOBODY)).status : health.status;
  };
  if (awaitReady) await waitFor('the service to be ready', isReady, (status) => status !== 503);
  return { url, variables: all, client: (options) => new Client(url, options), close };
}
