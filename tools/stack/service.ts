import { get } from 'node:http';
import { type Child, readiness, startChild } from './child.ts';
import { StackProblem } from './stack-problem.ts';

/** One process of the service. */
export interface ServiceSpec {
  name: 'API' | 'worker';
  root: string;
  /** The built service, `dist/main.js`. */
  entry: string;
  port: number;
  env: NodeJS.ProcessEnv;
}

const READY_MS = 60_000;
const KILL_AFTER_GRACE_MS = 2_000;

/** Starts one process of the service; its log lines go to our own terminal. */
export function startService({ name, root, entry, port, env }: ServiceSpec): Child {
  const shutdownMs = Number(env['SHUTDOWN_TIMEOUT_MS'] || 10_000);
  return startChild({
    root,
    command: process.execPath,
    args: [entry],
    cwd: root,
    env: { ...env, APP_ROLE: name.toLowerCase(), PORT: String(port) },
    output: 'inherit',
    stopGraceMs: (Number.isFinite(shutdownMs) ? shutdownMs : 10_000) + KILL_AFTER_GRACE_MS,
  });
}

/** Settles when the process says that it is ready to work. */
export async function serviceReady(child: Child, { name, port }: ServiceSpec): Promise<void> {
  let answer = 'no answer';
  const isReady = async () => {
    const status = await statusOf(`http://127.0.0.1:${port}/health/ready`);
    if (status !== undefined) answer = `status ${status}`;
    return status === 200;
  };
  const state = await readiness(child, isReady, READY_MS);
  if (state === 'late') {
    throw new StackProblem(
      `The ${name} was not ready within ${READY_MS / 1_000} s: GET /health/ready on port ${port} gives ${answer}`,
    );
  }
  if (state === 'ended') throw serviceEnded(name, await child.exited);
}

/** One line for a process that should have gone on. */
export function serviceEnded(name: string, exitCode: number): StackProblem {
  return new StackProblem(`The ${name} ended with exit code ${exitCode}: everything was stopped`);
}

function statusOf(url: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const request = get(url, { timeout: 2_000, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => {
      resolve(undefined);
    });
  });
}
