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

/** Runs `npm run migrate` to its end, with no variables but these. */
export async function runMigration(variables: Record<string, string>, args: readonly string[] = []) {
  const child = spawn(process.execPath, ['dist/migrate.js', ...args], {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  closing(() => {
    child.kill('SIGKILL');
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, lines: parsed(stdout), problems: stderr.split('\n').filter((line) => line !== '') };
}

/** Of an output, the lines of the log. */
const parsed = (output: string): Record<string, unknown>[] =>
  output
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** Runs the built service and waits until it is ready. */
export async function startProcess(variables: Record<string, string>): Promise<ServiceProcess> {
  const { child, output, ended } = runService({ LOG_LEVEL: 'info', ...variables });
  const lines = (): Record<string, unknown>[] => parsed(output());
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
