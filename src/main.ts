import 'reflect-metadata';
import { boundHeap } from './bounded-heap';
import { Environment, EnvironmentInvalid } from './config/environment';
import { createLogger } from './logging/logger';
import { RedisUnfit } from './queue/redis-unfit';

/** For handing jobs back and closing connections, after workers had their time. */
const STOP_GRACE_MS = 4_000;

/** Reads the environment, boots the role, and stops on SIGTERM or SIGINT; a second signal ends the process at once. */
async function main(): Promise<void> {
  const environment = Environment.read(process.env);
  const logger = createLogger(environment);
  const { role, tracing: settings } = environment;
  // Before the code that serves HTTP is loaded, to which it adds itself; where it is off, it costs no memory.
  const tracing =
    settings && (await import('./tracing/start-tracing.js')).startTracing(role, settings, logger);
  const { startService } = await import('./service.js');
  if (role === 'worker') boundHeap();
  const service = await startService(environment, logger);
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(1);
    stopping = true;
    logger.info({ signal }, 'stopping');
    // Whoever does not let go in time is let go: an upload that stalls, a server that is away.
    setTimeout(
      () => {
        logger.error('not stopped in time');
        process.exit(1);
      },
      environment.shutdownDelayMs +
        environment.shutdownTimeoutMs +
        STOP_GRACE_MS +
        (settings?.flushTimeoutMs ?? 0),
    ).unref();
    const closed = service.close().then(() => tracing?.stop());
    closed.then(
      () => {
        logger.info('stopped');
        // What waits for a server that is away, such as a connection that tries again, must not keep the process.
        process.exit(0);
      },
      (error: unknown) => {
        logger.fatal({ err: error }, 'stop failed');
        process.exit(1);
      },
    );
  };
  void service.unfit.then(endWith);
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/** Says why the process can not go on, a line for each reason. */
function endWith(error: unknown): void {
  const lines =
    error instanceof EnvironmentInvalid || error instanceof RedisUnfit
      ? error.problems
      : isPortTaken(error)
        ? [`PORT: ${error.port} is taken; set PORT to another one`]
        : [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  for (const line of lines) console.error(line);
  process.exit(1);
}

main().catch(endWith);

const isPortTaken = (error: unknown): error is Error & { port: number } =>
  error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' && 'port' in error;
