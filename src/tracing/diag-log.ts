import { context, type DiagLogger, ROOT_CONTEXT } from '@opentelemetry/api';
import type { Logger } from '../logging/logger';

/** A receiver that is away is told of with each batch of spans: once a minute is enough. */
const LINE_EVERY_MS = 60_000;
const MAX_TEXT_LENGTH = 300;

/** What the OpenTelemetry SDK has to say of itself, as warnings in the log, one a minute at most. */
export class DiagLog implements DiagLogger {
  private toldAt = -Infinity;
  private untold = 0;

  constructor(
    private readonly logger: Logger,
    private readonly now: () => number = () => performance.now(),
  ) {}

  error(message: string): void {
    this.tell(message);
  }

  warn(message: string): void {
    this.tell(message);
  }

  info(message: string): void {
    this.logger.trace({ message }, 'tracing');
  }

  debug(message: string): void {
    this.logger.trace({ message }, 'tracing');
  }

  verbose(message: string): void {
    this.logger.trace({ message }, 'tracing');
  }

  private tell(message: string): void {
    if (this.now() - this.toldAt < LINE_EVERY_MS) {
      this.untold += 1;
      return;
    }
    const details = { error: summaryOf(message), untold: this.untold };
    // It belongs to no request, though one of them began what failed.
    context.with(ROOT_CONTEXT, () => {
      this.logger.warn(details, 'Traces are not sent as they should be');
    });
    this.toldAt = this.now();
    this.untold = 0;
  }
}

/** The SDK writes an error down as JSON, stack and all. */
function summaryOf(message: string): string {
  const { code = '', name = '', message: text = '' } = asJson(message);
  const summary = [code, name, text].filter((part) => part !== '').join(': ');
  return (summary === '' ? message : summary).slice(0, MAX_TEXT_LENGTH);
}

function asJson(message: string): Record<string, string | undefined> {
  try {
    const parsed: unknown = JSON.parse(message);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, string>) : {};
  } catch {
    // Plain text: told as it is.
    return {};
  }
}
