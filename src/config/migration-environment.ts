import { describe, EnvironmentInvalid, givenOf } from './environment';
import { variables } from './variables';

const migrationVariables = variables.pick({
  NODE_ENV: true,
  LOG_LEVEL: true,
  MONGODB_URI: true,
  MONGODB_TIMEOUT_MS: true,
  MIGRATE_WAIT_MS: true,
});

/** What the migration needs of the environment: no Redis, and no keys. */
export interface MigrationEnvironment {
  production: boolean;
  logLevel: string;
  mongo: { uri: string; timeoutMs: number };
  /** How long MongoDB may be away before the migration gives up. */
  waitMs: number;
}

/** @throws EnvironmentInvalid naming every variable that is missing, unknown-valued or malformed. */
export function readMigrationEnvironment(source: Record<string, string | undefined>): MigrationEnvironment {
  const given = givenOf(source);
  const parsed = migrationVariables.safeParse(given);
  if (!parsed.success)
    throw new EnvironmentInvalid(parsed.error.issues.map((issue) => describe(issue, given)));
  const { data: v } = parsed;
  return {
    production: v.NODE_ENV === 'production',
    logLevel: v.LOG_LEVEL,
    mongo: { uri: v.MONGODB_URI, timeoutMs: v.MONGODB_TIMEOUT_MS },
    waitMs: v.MIGRATE_WAIT_MS,
  };
}
