// npm start: the whole service on this machine, with servers of its own where none are named.
import { join } from 'node:path';
import { runStack } from './run-stack.ts';
import { describeFailure } from './stack-problem.ts';
import { stopWishes } from './stop-signals.ts';

const root = join(import.meta.dirname, '../..');

try {
  await runStack({
    root,
    dataDir: join(root, '.data'),
    entry: join(root, 'dist/main.js'),
    migration: join(root, 'dist/migrate.js'),
    build: true,
    sample: join(root, 'samples/customers-1000.csv'),
    env: process.env,
    log: console.log,
    wishes: stopWishes(process.env),
  });
  process.exit(0);
} catch (error) {
  console.error(describeFailure(error));
  process.exit(1);
}
