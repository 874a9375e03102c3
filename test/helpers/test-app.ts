import { Environment } from '../../src/config/environment';
import { createLogger } from '../../src/logging/logger';
import { startService } from '../../src/service';
import { Client } from './client';
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

/** Boots a role in this process, against the real servers, and waits until it is ready. */
export async function createTestApp({
  role = 'all',
  variables = {},
  awaitReady = true,
}: TestAppOptions = {}): Promise<TestApp> {
  const all = testVariables({ ...variables, APP_ROLE: role });
  const environment = Environment.read(all);
  const service = await startService(environment, createLogger(environment));
  const url = service.url.replace('[::1]', '127.0.0.1');
  const isReady = async () => (await fetch(`${url}/health/ready`)).status;
  if (awaitReady) await waitFor('the service to be ready', isReady, (status) => status === 200);
  return { url, variables: all, client: (options) => new Client(url, options), close: () => service.close() };
}
