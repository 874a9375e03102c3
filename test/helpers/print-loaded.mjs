// Loaded into a process before the service (node --import): says, as it ends, which packages' code it has loaded.
import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';

const { cache } = createRequire(import.meta.url);

process.on('exit', () => {
  const packages = Object.keys(cache).map((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1]);
  writeSync(1, `loaded: ${[...new Set(packages)].join(' ')}\n`);
});
