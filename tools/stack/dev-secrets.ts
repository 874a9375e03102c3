import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { StackProblem } from './stack-problem.ts';

const devSecrets = z.object({ jwtSecret: z.string().min(32), adminPassword: z.string().min(8) });

/** What `npm start` signs and guards with where nothing is configured; made once, for this folder alone. */
export type DevSecrets = z.infer<typeof devSecrets>;

/** Where tokens are checked with, as the environment says it; our own secret where it says nothing. */
export type Signing = { kind: 'secret'; secret: string } | { kind: 'identity-provider' };

/** How a token for the running service can be made. */
export async function signing(env: NodeJS.ProcessEnv, dataDir: string): Promise<Signing> {
  if (env['JWT_PUBLIC_KEY'] || env['JWT_JWKS_URI']) return { kind: 'identity-provider' };
  const secret = env['JWT_SECRET'] || (await loadDevSecrets(dataDir)).jwtSecret;
  return { kind: 'secret', secret };
}

/** Reads the secrets of this folder, and makes them at the first call. */
export async function loadDevSecrets(dataDir: string): Promise<DevSecrets> {
  const file = join(dataDir, 'dev.json');
  await mkdir(dataDir, { recursive: true });
  const draft = `${file}.${process.pid}`;
  const fresh: DevSecrets = {
    jwtSecret: randomBytes(48).toString('base64url'),
    adminPassword: randomBytes(12).toString('base64url'),
  };
  try {
    await writeFile(draft, `${JSON.stringify(fresh, null, 2)}\n`, { mode: 0o600 });
    // Unlike a rename, a link never replaces what another command has made meanwhile.
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return read(file);
}

async function read(file: string): Promise<DevSecrets> {
  try {
    return devSecrets.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    throw new StackProblem(
      `${file} cannot be read as the secrets of a development run: remove it to get new ones`,
    );
  }
}
