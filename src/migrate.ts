import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { EnvironmentInvalid } from './config/environment';
import { readMigrationEnvironment } from './config/migration-environment';
import { CUSTOMER_COLLECTIONS } from './customer/customer-models';
import { createLogger } from './logging/logger';
import { migrate, MigrationFailed } from './migration/migration';

/** `npm run migrate`: makes collections and indexes, and ends with 0 when the database has all that this version needs. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { shard: { type: 'boolean', default: false } } });
  const environment = readMigrationEnvironment(process.env);
  const logger = createLogger({ ...environment, role: 'migrate' });
  await migrate(environment, CUSTOMER_COLLECTIONS, values, logger);
}

main().catch((error: unknown) => {
  const lines =
    error instanceof EnvironmentInvalid || error instanceof MigrationFailed
      ? error.problems
      : [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  for (const line of lines) console.error(line);
  process.exitCode = 1;
});
