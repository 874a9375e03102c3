import { pino, type DestinationStream } from 'pino';
import { Batch } from '../timing/batch';

/**
 * The process's output, written once a turn of the event loop with all lines of the turn: busy with requests, a line
 * alone costs more to write than to make. What is gathered when the process exits is written then.
 */
class GatheredOutput implements DestinationStream {
  private readonly output = pino.destination({ fd: 1, sync: true });
  private readonly lines = new Batch<string>((lines) => this.output.write(lines.join('')));

  constructor() {
    process.on('exit', () => {
      this.flushSync();
    });
  }

  write(line: string): void {
    this.lines.add(line);
  }

  /** Called by pino after a fatal line. */
  flushSync(): void {
    this.lines.flush();
    this.output.flushSync();
  }
}

let output: GatheredOutput | undefined;

/** One for the whole process, so that its lines stay in order. */
export const gatheredOutput = (): DestinationStream => (output ??= new GatheredOutput());
