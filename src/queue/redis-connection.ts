import { Redis, type Command } from 'ioredis';
import type { RedisServer } from '../config/redis-server';
import type { Logger } from '../logging/logger';
import { REQUESTS_AT_ONCE } from '../timing/batch';
import { whenWaited } from '../timing/when-waited';
import { redisOptions, type ConnectionOptions } from './redis-options';

/** How a connection behaves while the server is away. */
export interface OutageRules {
  maxRetriesPerRequest: number | null;
  retryStrategy: (attempt: number) => number;
  enableOfflineQueue?: boolean;
  commandTimeout?: number;
  connectTimeout?: number;
  socketTimeout?: number;
  autoResendUnfulfilledCommands?: boolean;
}

/** Longest pause between two attempts to reach a Redis that is away, in ms. */
const MAX_RETRY_DELAY_MS = 500;
/** How long after the first command timed out its connection is given up, in ms. */
const SILENCE_MARGIN_MS = 150;

const retryStrategy = (attempt: number): number => Math.min(100 * attempt, MAX_RETRY_DELAY_MS);

/** Gives up at once: a caller waits for the answer, and a 503 now beats a hung request. */
export const failFast = (commandTimeoutMs: number): OutageRules => ({
  enableOfflineQueue: false,
  // What was sent on a connection that ends is refused then, and not when its time is up.
  maxRetriesPerRequest: 0,
  commandTimeout: commandTimeoutMs,
  connectTimeout: 2_000,
  // A command that timed out stays in memory until its connection ends: one on which nothing comes back must end.
  socketTimeout: commandTimeoutMs + SILENCE_MARGIN_MS,
  // A command that timed out was refused to its caller: sent again on the next connection, it would be done all the same.
  autoResendUnfulfilledCommands: false,
  retryStrategy,
});

/** Waits for ever: nobody is waiting, and the work must be done when Redis is back. */
export const patient: OutageRules = { maxRetriesPerRequest: null, retryStrategy };

/** Their arguments are a password, which an error that tells of them would carry into logs. */
const LOGINS = ['hello', 'auth'];

function withoutArguments({ promise }: Command): void {
  promise.catch((error: unknown) => {
    if (typeof error === 'object' && error !== null && 'command' in error) delete error.command;
  });
}

/**
 * Sends commands of one turn of the event loop together: one system call, where each would cost its own. Their order
 * and their answers are as ever. And it keeps time by its own waiting: ioredis would give up answers that are there,
 * when many requests at once kept the process from reading them.
 */
export class GatheringRedis extends Redis {
  private held: Redis['stream'] | undefined;
  /** Commands on it. */
  private commands = 0;
  private readonly times: { commandTimeout: number | undefined; socketTimeout: number | undefined };

  constructor({ commandTimeout, socketTimeout, ...options }: ConnectionOptions) {
    // Without a time for commands, the silence of a connection is ioredis' own matter.
    super(
      commandTimeout === undefined && socketTimeout !== undefined ? { ...options, socketTimeout } : options,
    );
    this.times = { commandTimeout, socketTimeout };
  }

  override sendCommand(...[command, stream]: Parameters<Redis['sendCommand']>): unknown {
    // Also what a connection says of itself before it is ready; a stream that ended takes no harm.
    if (this.held !== this.stream) this.hold(this.stream);
    const sent = super.sendCommand(command, stream);
    if (LOGINS.includes(command.name)) withoutArguments(command);
    this.commands += 1;
    if (this.commands === REQUESTS_AT_ONCE) this.letGo();
    if (!command.isSettled) this.limit(command);
    return sent;
  }

  private hold(stream: Redis['stream'] | undefined): void {
    this.letGo();
    if (!stream) return;
    this.held = stream;
    stream.cork();
    setImmediate(() => {
      if (this.held === stream) this.letGo();
    });
  }

  private letGo(): void {
    this.held?.uncork();
    this.held = undefined;
    this.commands = 0;
  }

  /** Gives up a command without an answer, and its connection when nothing at all came back on it. */
  private limit(command: Command): void {
    const { commandTimeout, socketTimeout } = this.times;
    if (commandTimeout === undefined) return;
    const stream = this.stream as Redis['stream'] | undefined;
    const read = stream?.bytesRead;
    const answered = whenWaited(commandTimeout, () => {
      command.reject(new Error('Command timed out'));
      if (socketTimeout === undefined || !stream) return;
      whenWaited(socketTimeout - commandTimeout, () => {
        if (stream.bytesRead === read)
          stream.destroy(new Error(`Socket timeout. No data within ${socketTimeout} ms`));
      });
    });
    command.promise.then(answered, answered);
  }
}

export function connectRedis(server: RedisServer, rules: OutageRules, logger: Logger): Redis {
  const redis = new GatheringRedis(redisOptions(server, rules));
  let isTold = false;
  redis.on('error', (error) => {
    // Once an outage: it is tried twice a second.
    logger[isTold ? 'debug' : 'warn']({ error: String(error) }, 'Redis connection failed, trying again');
    isTold = true;
  });
  redis.on('ready', () => {
    isTold = false;
    logger.debug('Redis connection is ready');
  });
  return redis;
}
