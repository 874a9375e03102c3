import { randomBytes } from 'node:crypto';
import { Environment } from '../../src/config/environment';
import type { RedisServer } from '../../src/config/redis-server';

export const JWT_SECRET = 'a secret of the tests, 32 bytes or more';
export const ADMIN_PASSWORD = 'admin password of the tests';

/** The variables of a service of its own: own database, own queue prefix, any free port. */
export function testVariables(overrides: Record<string, string> = {}): Record<string, string> {
  const id = randomBytes(6).toString('hex');
  const mongodbUri = new URL(required('TEST_MONGODB_URI'));
  mongodbUri.pathname = `/test_${id}`;
  return {
    NODE_ENV: 'test',
    LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'silent',
    HOST: '127.0.0.1',
    PORT: '0',
    REDIS_URL: required('TEST_REDIS_URL'),
    QUEUE_PREFIX: `{test-${id}}`,
    MONGODB_URI: mongodbUri.href,
    JWT_SECRET,
    ADMIN_PASSWORD,
    RATE_LIMIT_PER_MINUTE: '0',
    ...overrides,
  };
}

/** What the service knows of a Redis by its address. */
export const redisServer = (REDIS_URL = required('TEST_REDIS_URL')): RedisServer =>
  Environment.read(testVariables({ REDIS_URL })).redis.server;

function required(name: string): string {
  const value = process.env[name];
  if (!value)
    throw new Error(`${name} is not set: run the tests with npm test, its set-up starts the servers`);
  return value;
}
