import { join } from 'node:path';
import { freePort } from '../tools/stack/free-port.ts';
import { runCommand } from '../tools/stack/run-command.ts';
import { start } from '../test/chaos/cluster/children.ts';
import { until } from '../test/chaos/until.ts';
import { JWT_SECRET, type Stage } from './stage.ts';

export interface Naive {
  url: string;
  stop(): Promise<void>;
}

/** Compiles the naive service: its decorators are more than Node strips. */
export async function buildNaive(root: string): Promise<void> {
  const args = ['tsc', '-p', 'bench/naive', '--outDir', outDir(root)];
  const { ok, stdout, stderr } = await runCommand('npx', args, {
    cwd: root,
    env: process.env,
    timeoutMs: 120_000,
  });
  if (!ok) throw new Error(`bench/naive does not compile:\n${stdout}${stderr}`);
}

/** Starts it. @param id names its queue and its database */
export async function startNaive(
  stage: Stage,
  id: string,
  isSynchronous: boolean,
  logFile: string,
): Promise<Naive> {
  const port = await freePort();
  const child = start({
    root: stage.root,
    command: process.execPath,
    args: [join(outDir(stage.root), 'main.js')],
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      PORT: String(port),
      JWT_SECRET,
      REDIS_URL: stage.servers.redisUrl,
      QUEUE_PREFIX: `{${id}}`,
      MONGODB_URI: stage.servers.mongodbUri(id),
      SYNCHRONOUS: String(isSynchronous),
    },
    output: { file: logFile },
    stopGraceMs: 5_000,
  });
  const url = `http://127.0.0.1:${port}`;
  await until(
    'the naive service',
    () =>
      fetch(url).then(
        () => true as const,
        () => undefined,
      ),
    {
      timeoutMs: 30_000,
    },
  );
  return {
    url,
    stop: async () => {
      await child.stop();
      await stage.clear(id);
    },
  };
}

const outDir = (root: string): string => join(root, 'dist-bench');
