import { EnvironmentInvalid } from './environment';
import { readMigrationEnvironment } from './migration-environment';

const MONGODB_URI = 'mongodb://127.0.0.1:27017/insight';

describe("the migration's environment", () => {
  it('is MongoDB alone, and has a default for all else', () => {
    expect(readMigrationEnvironment({ MONGODB_URI })).toEqual({
      production: false,
      logLevel: 'info',
      mongo: { uri: MONGODB_URI, timeoutMs: 2_000 },
      waitMs: 60_000,
    });
  });

  it('does not care for what is wrong with the rest', () => {
    expect(() => readMigrationEnvironment({ MONGODB_URI, APP_ROLE: 'server', REDIS_URL: '' })).not.toThrow();
  });

  it('names each variable that is missing or malformed, and no value', () => {
    const read = () => readMigrationEnvironment({ MONGODB_TIMEOUT_MS: 'soon' });

    expect(read).toThrow(EnvironmentInvalid);
    expect(read).toThrow(
      /^MONGODB_URI: missing, it is required\nMONGODB_TIMEOUT_MS: expected a whole number$/,
    );
  });
});
