import { pino, type Logger } from 'pino';
import { traceIds } from '../tracing/trace-ids';
import { gatheredOutput } from './gathered-output';

export type { Logger } from 'pino';

/** Injection token of the process's logger. */
export const LOGGER = Symbol('Logger');

/**
 * What is told of an error. Libraries hang on it what was written: a refusal of Redis has all arguments of its command,
 * secrets and payloads among them, and one of MongoDB has the values of a key.
 */
const toldOf = (error: Error): object => {
  const { type, message, stack, code } = pino.stdSerializers.err(error);
  return { type, message, stack, code: code as unknown };
};

/** The part of the environment that the log depends on. */
export interface LogSettings {
  role: string;
  production: boolean;
  logLevel: string;
  /** Whether lines name the span that they are of; absent: nothing is traced. */
  tracing?: object | undefined;
}

/** JSON lines in production and wherever the output is not a terminal, readable lines in a terminal. */
export function createLogger(environment: LogSettings): Logger {
  const pretty = !environment.production && process.stdout.isTTY;
  const options = {
    level: environment.logLevel,
    base: { role: environment.role, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: toldOf },
    ...(environment.tracing && { mixin: traceIds }),
  };
  if (!pretty) return pino(options, gatheredOutput());
  return pino({
    ...options,
    transport: {
      target: 'pino-pretty',
      options: { ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l' },
    },
  });
}
