import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { closing } from './closing';
import { testVariables } from './environment';
import { waitFor } from './wait';

export interface ServiceProcess {
  url: string;
  pid: number;
  /** The log, a parsed line each. */
  lines: () => Record<string, unknown>[];
  output(): string;
  signal(name: NodeJS.Signals): void;
  /** Exit code, once it ended. */
  ended: Promise<number | null>;
}

const root = path.resolve(__dirname, '../..');

/** Runs the built service as its image would: `node dist/main.js`. */
export function runService(variables: Record<string, string>, { complete = true } = {}) {
  const child = spawn(process.execPath, ['dist/main.js'], {
    cwd: root,
    env: {
      PATH: process.env.PATH ?? '',
      ...(complete ? testVariables({ LOG_LEVEL: 'info' }) : {}),
      ...variables,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  closing(() => {
    child.kill('SIGKILL');
  });
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (output += data.toString()));
  return { child, output: () => output, ended: once(child, 'close').then(([code]) => code as number | null) };
}

/** Runs the built service and waits until it is ready. */
export async function startProcess(variables: Record<string, string>): Promise<ServiceProcess> {
  const { child, output, ended } = runService({ LOG_LEVEL: 'info', ...variables });
  const lines = (): Record<string, unknown>[] =>
    output()
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const listening = await waitFor(
    'the process to listen',
    () => Promise.resolve(lines().find(({ msg }) => msg === 'listening')),
    (line) => line !== undefined || child.exitCode !== null,
  );
  if (!listening) throw new Error(`The process ended: ${output()}`);
  const url = String(listening.url);
  await waitFor(
    'the process to be ready',
    async () => (await fetch(`${url}/health/ready`)).status,
    (status) => status === 200,
  );
  return { url, pid: child.pid ?? 0, lines, output, ended, signal: (name) => child.kill(name) };
}
