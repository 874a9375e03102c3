import { relative } from 'node:path';
import { banner } from './banner.ts';
import { ensureBuilt } from './build.ts';
import type { Child } from './child.ts';
import { loadDevSecrets, signing } from './dev-secrets.ts';
import { freePort, isPortFree } from './free-port.ts';
import { migrated, startMigration } from './migration.ts';
import { mintToken } from './mint-token.ts';
import { type Servers, startServers } from './servers.ts';
import { serviceEnded, serviceReady, type ServiceSpec, startService } from './service.ts';
import { removeStackFile, writeStackFile } from './stack-file.ts';
import { StackProblem } from './stack-problem.ts';
import type { StopWishes } from './stop-signals.ts';

export interface StackOptions {
  root: string;
  dataDir: string;
  /** The built service. */
  entry: string;
  /** The built migration; without it, the worker makes the indexes of an empty database. */
  migration?: string;
  /** Whether to build it first when it is out of date. */
  build: boolean;
  /** The CSV file that the banner offers to upload. */
  sample: string;
  env: NodeJS.ProcessEnv;
  log: (line: string) => void;
  wishes: StopWishes;
}

/**
 * Runs servers, API and worker until a wish to stop comes or one of them ends; nothing is left running when it
 * settles.
 *
 * @throws StackProblem when something could not start, or ended by itself
 */
export async function runStack(options: StackOptions): Promise<void> {
  const { root, dataDir, entry, log, wishes } = options;
  const port = await apiPort(options.env);
  if (options.build) await ensureBuilt(root, entry, log);

  const processes: Child[] = [];
  let servers: Servers | undefined;
  let stopping = false;
  const isStopping = () => stopping;
  const killAll = () => {
    for (const child of processes) child.kill();
    servers?.kill();
  };
  const stopAll = async () => {
    await Promise.all(processes.map((child) => child.stop()));
    await servers?.stop();
    await removeStackFile(dataDir);
  };

  const run = async (): Promise<void> => {
    servers = await startServers({ root, dataDir, log, env: options.env });
    if (isStopping()) {
      servers.kill();
      return;
    }
    const env = await serviceEnvironment(options, servers);
    const api: ServiceSpec = { name: 'API', root, entry, port, env };
    const worker: ServiceSpec = { name: 'worker', root, entry, port: await freePort(), env };
    const started = [api, worker].map((spec) => ({ spec, child: startService(spec) }));
    processes.push(...started.map(({ child }) => child));
    const migration = options.migration && startMigration(root, options.migration, env);
    if (migration) processes.push(migration);
    await Promise.all([
      ...started.map(({ spec, child }) => serviceReady(child, spec)),
      migration && migrated(migration),
    ]);

    const apiUrl = `http://localhost:${port}`;
    const { redisUrl, mongodbUri, info } = servers;
    await writeStackFile(dataDir, { apiUrl, redisUrl, mongodbUri, pid: process.pid });
    log(
      banner({
        apiUrl,
        adminUser: env['ADMIN_USER'] || 'admin',
        adminPassword: env['ADMIN_PASSWORD'] ?? '',
        token: await demoToken(options),
        servers: info,
        sample: relative(process.cwd(), options.sample),
      }),
    );
    const ends = started.map(({ spec, child }) =>
      child.exited.then((exitCode) => ({ name: spec.name, exitCode })),
    );
    const ended = await Promise.race([servers.died, ...ends]);
    throw serviceEnded(ended.name, ended.exitCode);
  };

  try {
    await Promise.race([run(), wishes.first]);
  } finally {
    stopping = true;
    await Promise.race([stopAll(), wishes.second.then(killAll)]);
  }
}

async function apiPort(env: NodeJS.ProcessEnv): Promise<number> {
  const text = env['PORT'] || '5000';
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new StackProblem(`PORT must be a port number, not "${text}"`);
  if (port === 0) return freePort();
  if (await isPortFree(port)) return port;
  throw new StackProblem(
    `PORT ${port} is taken by another process: stop that one, or choose another port (PORT=${port + 1} npm start)`,
  );
}

/** The environment of API and worker: the person's own, with the gaps filled for a development run. */
async function serviceEnvironment(
  { env, dataDir }: StackOptions,
  { redisUrl, mongodbUri }: Servers,
): Promise<NodeJS.ProcessEnv> {
  const signedBy = await signing(env, dataDir);
  return {
    ...env,
    NODE_ENV: env['NODE_ENV'] || 'development',
    REDIS_URL: redisUrl,
    MONGODB_URI: mongodbUri,
    ADMIN_PASSWORD: env['ADMIN_PASSWORD'] || (await loadDevSecrets(dataDir)).adminPassword,
    ...(signedBy.kind === 'secret' ? { JWT_SECRET: signedBy.secret } : {}),
  };
}

async function demoToken({ env, dataDir }: StackOptions): Promise<string | undefined> {
  const signedBy = await signing(env, dataDir);
  if (signedBy.kind !== 'secret') return undefined;
  const who = { tenant: 'demo', user: 'demo-user', email: 'demo@example.com', expiresIn: '12h' };
  return mintToken({ ...who, roles: ['user', 'operator'] }, signedBy.secret, env);
}
