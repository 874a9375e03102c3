import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { lastLine } from './run-command.ts';
import { publish } from './wheel.ts';

export interface VendorOptions {
  root: string;
  serversDir: string;
  env: NodeJS.ProcessEnv;
}

/** How long the vendor's site may send nothing before we look elsewhere. */
const SILENCE_MS = 5_000;

/** Where the vendor's mongod lies once it is fetched. */
export function vendorMongod(serversDir: string): string {
  return join(serversDir, 'mongodb-vendor', 'mongod');
}

/**
 * The vendor's own mongod, downloaded by mongodb-memory-server. A slow line may take its time; one that brings
 * nothing for five seconds counts as closed.
 *
 * @returns the program's path, or nothing when it could not be had
 */
export async function fetchVendorMongod(options: VendorOptions): Promise<string | undefined> {
  const { serversDir } = options;
  await mkdir(serversDir, { recursive: true });
  const staging = await mkdtemp(join(serversDir, '.fetching-'));
  try {
    const found = await download(options, staging);
    if (found === undefined || !found.startsWith(staging)) return found;
    const folder = join(staging, 'mongodb-vendor');
    const program = vendorMongod(serversDir);
    await mkdir(folder);
    await rename(found, join(folder, 'mongod'));
    await publish(folder, program);
    return program;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function download({ root, env }: VendorOptions, folder: string): Promise<string | undefined> {
  const script = join(root, 'tools/stack/vendor-mongod-fetch.ts');
  const child = spawn(process.execPath, [script, folder], { env, stdio: ['pipe', 'pipe', 'ignore'] });
  let output = '';
  child.stdout.on('data', (text: Buffer) => {
    output += text.toString();
  });
  let code: number | null | undefined;
  const closed = new Promise<void>((resolve) => {
    child.once('error', () => {
      code = 1;
      resolve();
    });
    child.once('close', (exitCode) => {
      code = exitCode;
      resolve();
    });
  });

  let bytes = 0;
  let lastProgress = Date.now();
  while (code === undefined && Date.now() - lastProgress < SILENCE_MS) {
    await Promise.race([closed, delay(250)]);
    const now = await bytesUnder(folder);
    if (now !== bytes) lastProgress = Date.now();
    bytes = now;
  }
  if (code === undefined) {
    child.kill('SIGKILL');
    await closed;
  }
  return code === 0 ? lastLine(output) : undefined;
}

async function bytesUnder(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = names.map((name) =>
    stat(join(folder, name)).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
