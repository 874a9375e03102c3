import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The package's: one folder up from here, in the sources as in the build. */
export const PRODUCT_VERSION: string = (
  JSON.parse(readFileSync(path.resolve(__dirname, '../package.json'), 'utf8')) as { version: string }
).version;
