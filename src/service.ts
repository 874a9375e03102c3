import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Environment } from './config/environment';
import { createHttpApp } from './http/http-app';
import type { Logger } from './logging/logger';
import { Liveness } from './monitoring/liveness';
import { Metrics } from './monitoring/metrics/metrics';
import { Readiness } from './monitoring/readiness';
import { RedisFitness } from './queue/redis-fitness';
import { compose } from './role.module';
import { WorkerModule } from './worker.module';

/**
 * Connections that may wait to be accepted, which the system may limit further. One too many is tried again by its
 * caller's system a second later, and Node's 511 is less than come at once.
 */
const BACKLOG = 4096;

/** How often connections that became idle are closed, once nobody is listened to. */
const IDLE_LOOK_MS = 50;

export interface Service {
  /** Where it listens, such as `http://127.0.0.1:5000`. */
  url: string;
  /** Resolves when Redis answers and is not fit to keep what is accepted: the process must end. */
  unfit: Promise<Error>;
  /** Serves on until balancers know that it goes; then finishes what is under way, in order: workers, requests, connections. */
  close(): Promise<void>;
}

/**
 * Boots the process's role. `all` is both applications in one process, each whole, each with its own connections: the
 * API's give up at once, the worker's wait.
 * @throws when the port can't be had
 */
export async function startService(environment: Environment, logger: Logger): Promise<Service> {
  const apps: NestFastifyApplication[] = [];
  if (environment.role !== 'api')
    apps.push(await createHttpApp(compose(WorkerModule, environment, logger), environment, logger));
  // A worker of its own does not carry the API's code in memory.
  if (environment.role !== 'worker') {
    const { createApiApp } = await import('./api-app.js');
    apps.push(await createApiApp(environment, logger));
  }
  // The one made last listens; a worker beside an API only runs.
  const [listening] = apps.slice(-1);
  if (!listening) throw new Error(`Role ${environment.role} has no application`);
  try {
    for (const app of apps) await app.init();
    askForAll(apps);
    await listening.listen({ port: environment.port, host: environment.host, backlog: BACKLOG });
  } catch (error) {
    await close(apps);
    throw error;
  }
  const url = await listening.getUrl();
  logger.info({ url }, 'listening');
  const unfit = Promise.race(apps.map((app) => app.get(RedisFitness).unfit));
  return { url, unfit, close: () => close(apps, environment.shutdownDelayMs) };
}

/** The last one answers for the others, to which nobody listens. */
function askForAll(apps: NestFastifyApplication[]): void {
  const [asked, ...others] = apps.toReversed();
  for (const other of others) {
    asked?.get(Readiness).include(other.get(Readiness));
    asked?.get(Liveness).include(other.get(Liveness));
    asked?.get(Metrics).include(other.get(Metrics));
  }
}

/** @param delayMs meanwhile all is served, but the process is not ready, and each answer ends its connection */
async function close(apps: NestFastifyApplication[], delayMs = 0): Promise<void> {
  for (const app of apps) app.get(Readiness).drain();
  if (delayMs > 0) await delay(delayMs);
  const letGo = setInterval(() => {
    for (const app of apps) closeIdle(app.getHttpServer());
  }, IDLE_LOOK_MS);
  try {
    for (const app of apps) await app.close();
  } finally {
    clearInterval(letGo);
  }
}

/** A connection with a request when its server closed is kept for the next one, which does not come: over a minute. */
function closeIdle(server: Server): void {
  if (!server.listening) server.closeIdleConnections();
}
