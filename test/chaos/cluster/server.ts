import { type Child, readiness } from '../../../tools/stack/child.ts';
import { start } from './children.ts';

export interface ServerSpec {
  name: string;
  root: string;
  command: string;
  /** Same port and same folder at every start: a restart finds what was written, and clients find the restarted one. */
  args: readonly string[];
  logFile: string;
  /** The server's own process id, once it answers as it should; undefined before. */
  pid: () => Promise<number | undefined>;
}

const READY_MS = 60_000;
const STOP_GRACE_MS = 10_000;

/** A Redis or a mongod to be killed, frozen and brought back. */
export class Server {
  readonly #spec: ServerSpec;
  #child: Child | undefined;
  #pid = 0;
  #frozen = false;

  constructor(spec: ServerSpec) {
    this.#spec = spec;
  }

  /** Settles when the server answers, with its data loaded. */
  async start(): Promise<void> {
    const { name, root, command, args, logFile, pid } = this.#spec;
    const child = start({ root, command, args, output: { file: logFile }, stopGraceMs: STOP_GRACE_MS });
    this.#child = child;
    const isReady = async () => (this.#pid = (await pid()) ?? 0) > 0;
    const state = await readiness(child, isReady, READY_MS);
    if (state === 'ready') return;
    this.kill();
    throw new Error(`${name} is ${state} at its start; its log is ${logFile}`);
  }

  /** SIGKILL: what it had not given to the kernel is gone. */
  async crash(): Promise<void> {
    const child = this.#child;
    this.kill();
    await child?.exited;
  }

  /** SIGSTOP: connections stay open and nothing is answered. */
  freeze(): void {
    process.kill(this.#pid, 'SIGSTOP');
    this.#frozen = true;
  }

  thaw(): void {
    if (this.#frozen) process.kill(this.#pid, 'SIGCONT');
    this.#frozen = false;
  }

  /** Whatever was done to it, it answers again. */
  async restore(): Promise<void> {
    this.thaw();
    if (this.#child === undefined) await this.start();
  }

  kill(): void {
    this.#frozen = false;
    this.#child?.kill();
    this.#child = undefined;
  }
}
