import { join } from 'node:path';
import type { Child } from '../../../tools/stack/child.ts';
import { until } from '../until.ts';
import { start } from './children.ts';

export interface ServiceSpec {
  root: string;
  role: 'api' | 'worker';
  /** Kept over restarts: clients come back to the same address. */
  port: number;
  env: NodeJS.ProcessEnv;
  /** Modules to load before the service, for faults that can only be made from within. */
  preload?: readonly string[];
  logFile: string;
}

const READY_MS = 60_000;
const STOP_GRACE_MS = 30_000;

/** One process of the built service, as its image would run it: `node dist/main.js`. */
export class Service {
  readonly url: string;
  readonly role: 'api' | 'worker';
  readonly port: number;
  readonly #spec: ServiceSpec;
  #child: Child | undefined;
  #starts = 0;
  #onEnd: (() => void) | undefined;

  constructor(spec: ServiceSpec) {
    this.#spec = spec;
    this.role = spec.role;
    this.port = spec.port;
    this.url = `http://127.0.0.1:${spec.port}`;
  }

  /** Starts the process and does not wait for it. */
  start(): void {
    const { root, role, port, env, preload = [], logFile } = this.#spec;
    this.#starts += 1;
    const child = start({
      root,
      command: process.execPath,
      args: [...preload.flatMap((file) => ['--import', file]), join(root, 'dist/main.js')],
      cwd: root,
      env: { ...env, APP_ROLE: role, HOST: '127.0.0.1', PORT: String(port) },
      output: { file: `${logFile}.${this.#starts}.log` },
      stopGraceMs: STOP_GRACE_MS,
    });
    this.#child = child;
    void child.exited.then(() => {
      if (this.#child === child) this.#onEnd?.();
    });
  }

  /** Settles when `/health/ready` says yes. */
  async ready(): Promise<void> {
    await until(`the ${this.#spec.role} to be ready`, () => this.#isReady(), { timeoutMs: READY_MS });
  }

  /** Called when the process ended by itself: whoever plays the orchestrator starts it again. */
  onEnd(listener: () => void): void {
    this.#onEnd = listener;
  }

  /** SIGKILL. Settles when it is gone. */
  async crash(): Promise<void> {
    const child = this.#child;
    this.kill();
    await child?.exited;
  }

  /** SIGTERM. @returns the exit code */
  async stop(): Promise<number> {
    const child = this.#child;
    this.#child = undefined;
    return (await child?.stop()) ?? 0;
  }

  kill(): void {
    const child = this.#child;
    this.#child = undefined;
    child?.kill();
  }

  async #isReady(): Promise<true | undefined> {
    const answer = await fetch(`${this.url}/health/ready`, { signal: AbortSignal.timeout(2_000) }).catch(
      () => undefined,
    );
    await answer?.body?.cancel();
    return answer?.status === 200 ? true : undefined;
  }
}
