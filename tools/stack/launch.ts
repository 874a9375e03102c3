import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { type Child, readiness, startChild } from './child.ts';
import { freePort } from './free-port.ts';
import { lastLine } from './run-command.ts';
import { StackProblem } from './stack-problem.ts';

/** How to start one server. */
export interface Launch {
  name: string;
  root: string;
  command: string;
  args: (port: number) => string[];
  dataDir: string;
  logFile: string;
  isReady: (port: number) => Promise<boolean>;
  /** What the log says when somebody else was quicker to take the port. */
  portTaken: RegExp;
  /** Tells from the log whether another server still works on the same data, and which process it is. */
  dataHolder?: (log: string) => Promise<DataHolder | undefined>;
}

/** Another server that works on the data; the process is known mostly. */
export interface DataHolder {
  pid?: number;
}

export interface Launched {
  child: Child;
  port: number;
}

const READY_MS = 30_000;
const STOP_GRACE_MS = 10_000;
const PORT_ATTEMPTS = 5;

/** After a crash, a guard may need a moment to end the server that holds the data. */
export const DATA_TAKEN_PATIENCE_MS = 5_000;

/** Starts a server on a port of its own choice, and waits until it answers. */
export async function launch(spec: Launch): Promise<Launched> {
  const patience = Date.now() + DATA_TAKEN_PATIENCE_MS;
  let portAttempts = PORT_ATTEMPTS;
  for (;;) {
    const port = await freePort();
    const child = startChild({
      root: spec.root,
      command: spec.command,
      args: spec.args(port),
      output: { file: spec.logFile },
      stopGraceMs: STOP_GRACE_MS,
    });
    const state = await readiness(child, () => spec.isReady(port), READY_MS);
    if (state === 'ready') return { child, port };

    child.kill();
    await child.exited;
    const log = await readFile(spec.logFile, 'utf8').catch(() => '');
    if (spec.portTaken.test(log) && --portAttempts > 0) continue;
    const holder = await spec.dataHolder?.(log);
    if (holder !== undefined) {
      if (Date.now() > patience) throw dataTaken(spec, holder);
      await delay(200);
      continue;
    }
    const how = state === 'late' ? `did not answer within ${READY_MS / 1_000} s` : 'ended at once';
    throw new StackProblem(`${spec.name} ${how}: ${lastLine(log)}\nIts log is ${spec.logFile}`);
  }
}

/** The data belongs to a server of another run. */
export function dataTaken(
  { name, dataDir }: { name: string; dataDir: string },
  holder: DataHolder,
): StackProblem {
  const who = holder.pid === undefined ? '' : ` (process ${holder.pid})`;
  return new StackProblem(
    `${name}: ${dataDir} is in use by a server of another run${who}. Stop that run first, or end that process.`,
  );
}
