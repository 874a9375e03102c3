import type { LoggerService } from '@nestjs/common';
import type { Logger } from './logger';

/** Sends the framework's own lines through our logger; its start-up chatter is `debug` here. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  /** Nest passes the context last, and for errors the stack before it. */
  private write(level: 'debug' | 'warn' | 'error' | 'fatal', message: unknown, rest: unknown[]): void {
    const context = rest.at(-1);
    const details = {
      context,
      ...(message instanceof Error && { err: message }),
      ...(rest.length > 1 && { stack: rest[0] }),
    };
    this.logger[level](details, message instanceof Error ? message.message : String(message));
  }
}
