import { pino } from 'pino';
import { DiagLog } from './diag-log';

const MINUTE_MS = 60_000;

interface Line {
  level: number;
  error?: string;
  untold?: number;
}

describe('what the SDK of OpenTelemetry says of itself', () => {
  let nowMs: number;
  let lines: Line[];
  let log: DiagLog;

  beforeEach(() => {
    nowMs = 0;
    lines = [];
    const output = { write: (line: string) => lines.push(JSON.parse(line) as Line) };
    log = new DiagLog(pino({ level: 'warn' }, output), () => nowMs);
  });

  it('is a warning a minute, with the number of those that were not told', () => {
    for (const second of [0, 1, 59, 60]) {
      nowMs = (second * MINUTE_MS) / 60;
      log.error(`failed at ${second}`);
    }

    expect(lines).toMatchObject([
      { level: 40, error: 'failed at 0', untold: 0 },
      { level: 40, error: 'failed at 60', untold: 2 },
    ]);
  });

  it('is told of an error in a few words, without its stack', () => {
    log.error(JSON.stringify({ name: 'Error', message: 'refused', code: 'ECONNREFUSED', stack: 'at x' }));

    expect(lines).toMatchObject([{ error: 'ECONNREFUSED: Error: refused' }]);
  });

  it('is cut where it is long', () => {
    log.warn('x'.repeat(10_000));

    expect(lines[0]?.error).toHaveLength(300);
  });

  it('is no warning where nothing is wrong', () => {
    log.info('started');

    expect(lines).toEqual([]);
  });
});
