import { createPublicKey, type KeyObject } from 'node:crypto';
import { mongo } from 'mongoose';
import { z } from 'zod';
import { isPlainAddress } from '../emails/plain-address';
import { isCron } from './cron';
import { networks, origins } from './lists';

const MIB = 1024 * 1024;

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, 'expected a whole number')
    .transform(Number)
    .refine((value) => value >= min && value <= max, `expected a number from ${min} to ${max}`);

const urlWith = (...protocols: string[]) =>
  z
    .string()
    .refine(
      (value) => protocols.includes(URL.parse(value)?.protocol.slice(0, -1) ?? ''),
      `expected a URL that starts with ${protocols.map((protocol) => `${protocol}://`).join(' or ')}`,
    );

const smtpUrl = z.string().refine((value) => {
  const url = URL.parse(value);
  return ['smtp:', 'smtps:'].includes(url?.protocol ?? '') && url?.hostname !== '';
}, 'expected a URL such as smtp://user:password@mail.example.com:587, or smtps://');

/** `Name <address>` or an address alone. It becomes a header of each e-mail, so nothing in it may end one. */
const sender = z.string().transform((value, context) => {
  const [, name = '', address = value] = /^([^<>"\p{Cc}]{0,100}?) ?<([^<>]+)>$/u.exec(value) ?? [];
  if (isPlainAddress(address, { isHostEnough: true })) return { name, address };
  context.addIssue({ code: 'custom', message: 'expected an address, such as CRM <no-reply@example.com>' });
  return z.NEVER;
});

/** The driver's own reading: several hosts, options and all. Nothing is connected. */
const mongodbUri = z.string().refine((uri) => {
  try {
    new mongo.MongoClient(uri);
    return true;
  } catch {
    return false;
  }
}, 'expected a MongoDB connection string that starts with mongodb:// or mongodb+srv://');

const publicKey = z.string().transform((pem, context) => {
  try {
    const key = createPublicKey(pem.replaceAll('\\n', '\n'));
    if (!pem.includes('PRIVATE') && isForTokens(key)) return key;
  } catch {
    // Told below, with the keys of a wrong kind.
  }
  context.addIssue({
    code: 'custom',
    message: 'expected a public key in PEM form: RSA of 2048 bits or more, or EC P-256',
  });
  return z.NEVER;
});

const isForTokens = ({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean =>
  (asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= 2048) ||
  (asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1');

const cron = z
  .string()
  .refine(
    isCron,
    'expected a cron pattern of five fields, such as "0 3 * * *": minute, hour, day, month, weekday',
  );
const ratio = z
  .string()
  .refine((value) => /^[\d.]+$/.test(value) && Number(value) <= 1, 'expected a number from 0 to 1');

const adminPassword = z.string().min(8, 'expected at least 8 characters').optional();

/** Every variable the service reads: its form, its default. docs/configuration.md explains them. */
export const variables = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  APP_ROLE: z.enum(['api', 'worker', 'all']).default('all'),
  HOST: z.string().default('0.0.0.0'),
  PORT: wholeNumber(0, 65_535).default(5000),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),

  // What they come to together: src/config/redis-server.ts.
  REDIS_URL: z.string(),
  REDIS_MODE: z.enum(['standalone', 'cluster', 'sentinel']).default('standalone'),
  REDIS_SENTINEL_MASTER: z.string().min(1).optional(),
  REDIS_SENTINEL_USER: z.string().min(1).optional(),
  REDIS_SENTINEL_PASSWORD: z.string().min(1).optional(),
  REDIS_CA_FILE: z.string().min(1).optional(),
  REDIS_CERT_FILE: z.string().min(1).optional(),
  REDIS_KEY_FILE: z.string().min(1).optional(),
  REDIS_COMMAND_TIMEOUT_MS: wholeNumber(50, 60_000).default(750),
  REDIS_MAX_MEMORY_PERCENT: wholeNumber(1, 100).default(95),
  ALLOW_VOLATILE_REDIS: z.enum(['true', 'false']).default('false'),
  ACK_DURABILITY: z.enum(['aof', 'fsync', 'replica']).default('aof'),
  QUEUE_MAX_WAITING: wholeNumber(1, 100_000_000).default(100_000),
  QUEUE_PREFIX: z
    .string()
    .regex(/^\{?[\w.-]{1,64}\}?$/, 'expected up to 64 letters, digits, "_", "." or "-", in braces or not')
    .optional(),

  MONGODB_URI: mongodbUri,
  MONGODB_TIMEOUT_MS: wholeNumber(100, 60_000).default(2_000),
  MIGRATE_WAIT_MS: wholeNumber(0, 86_400_000).default(60_000),

  JWT_SECRET: z
    .string()
    .refine((secret) => Buffer.byteLength(secret) >= 32, 'expected at least 32 bytes')
    .optional(),
  JWT_PUBLIC_KEY: publicKey.optional(),
  JWT_JWKS_URI: urlWith('https', 'http').optional(),
  JWT_ISSUER: z.string().min(1).optional(),
  JWT_AUDIENCE: z.string().min(1).optional(),
  ADMIN_USER: z.string().min(1).default('admin'),
  ADMIN_PASSWORD: adminPassword,
  OPERATOR_USER: z.string().min(1).default('operator'),
  OPERATOR_PASSWORD: adminPassword,
  VIEWER_USER: z.string().min(1).default('viewer'),
  VIEWER_PASSWORD: adminPassword,
  ADMIN_SESSION_HOURS: wholeNumber(1, 24 * 30).default(12),
  METRICS_PUBLIC: z.enum(['true', 'false']).default('false'),

  BODY_MAX_BYTES: wholeNumber(1024, 16 * MIB).default(64 * 1024),
  BODY_TIMEOUT_MS: wholeNumber(100, 600_000).default(30_000),
  UPLOAD_MIN_BYTES_PER_SECOND: wholeNumber(1, 100 * MIB).default(8 * 1024),
  HEADERS_TIMEOUT_MS: wholeNumber(100, 600_000).default(10_000),
  CONNECTIONS_MAX: wholeNumber(1, 1_000_000).default(20_000),
  RATE_LIMIT_PER_MINUTE: wholeNumber(0, 100_000_000).default(6_000),
  RATE_LIMIT_PER_ADDRESS: wholeNumber(0, 1_000_000_000).optional(),
  TRUSTED_PROXIES: networks.default([]),
  CORS_ORIGINS: origins.default([]),
  WORKER_CONCURRENCY: wholeNumber(1, 1_000).default(8),
  WORKER_CONCURRENCY_MIN: wholeNumber(1, 1_000).optional(),
  WORKER_LOOK_EVERY_MS: wholeNumber(100, 60_000).default(1_000),
  WORKER_MAX_EVENT_LOOP_DELAY_MS: wholeNumber(1, 60_000).default(250),
  WORKER_MAX_MEMORY_PERCENT: wholeNumber(1, 100).default(90),
  WORKER_MAX_WRITE_SLOWDOWN: wholeNumber(2, 100).default(3),
  WORKER_WEDGED_AFTER_MS: wholeNumber(100, 3_600_000).default(60_000),
  IMPORT_MAX_BYTES: wholeNumber(1, 10 * 1024 * MIB).default(100 * MIB),
  IMPORT_MAX_RECORD_BYTES: wholeNumber(1024, 64 * MIB).default(2 * MIB),
  IMPORT_RETENTION_HOURS: wholeNumber(1, 24 * 365).default(24 * 7),
  JOB_HISTORY_HOURS: wholeNumber(1, 24 * 365).default(24 * 7),
  SHUTDOWN_TIMEOUT_MS: wholeNumber(0, 600_000).default(10_000),
  SHUTDOWN_DELAY_MS: wholeNumber(0, 120_000).default(0),

  PURGE_CRON: cron.default('0 3 * * *'),
  PURGE_AFTER_DAYS: wholeNumber(0, 3_650).default(30),
  PURGE_MAX_PER_RUN: wholeNumber(1, 1_000_000_000).default(1_000_000),
  CLEAN_IMPORTS_CRON: cron.default('30 3 * * *'),

  DEAD_LETTER_MAX: wholeNumber(1, 10_000_000).default(100_000),
  DEAD_LETTER_RETENTION_HOURS: wholeNumber(1, 24 * 365).default(24 * 7),
  DEAD_LETTER_REPLAY_PER_SECOND: wholeNumber(1, 1_000).default(50),
  AUDIT_LOG_MAX: wholeNumber(100, 10_000_000).default(100_000),

  ERASURES_MAX: wholeNumber(1, 1_000).default(2),

  EXPORTS_MAX: wholeNumber(1, 10_000).default(32),
  EXPORT_ATTRIBUTES_MAX: wholeNumber(1, 10_000).default(500),

  EVENTS_KEPT: wholeNumber(100, 10_000_000).default(20_000),
  EVENT_STREAMS_MAX: wholeNumber(1, 1_000_000).default(10_000),
  EVENT_STREAM_BUFFER_BYTES: wholeNumber(1024, 64 * MIB).default(256 * 1024),
  EVENT_HEARTBEAT_MS: wholeNumber(100, 300_000).default(15_000),

  // Read by the OpenTelemetry SDK itself, which would go on with a default where they are wrong.
  OTEL_EXPORTER_OTLP_ENDPOINT: urlWith('http', 'https').optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: z.enum(['grpc', 'http/protobuf', 'http/json']).optional(),
  OTEL_SERVICE_NAME: z.string().optional(),
  OTEL_TRACES_SAMPLER: z
    .enum([
      'always_on',
      'always_off',
      'traceidratio',
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
    ])
    .optional(),
  OTEL_TRACES_SAMPLER_ARG: ratio.optional(),
  TRACE_FLUSH_TIMEOUT_MS: wholeNumber(0, 60_000).default(5_000),
  SMTP_URL: smtpUrl.optional(),
  SMTP_TIMEOUT_MS: wholeNumber(100, 120_000).default(10_000),
  EMAIL_FROM: sender.default({ name: 'InsightCRM', address: 'no-reply@localhost' }),
  EMAILS_PER_MINUTE: wholeNumber(1, 100_000).default(60),
  EMAILS_PER_TENANT_PER_HOUR: wholeNumber(1, 1_000_000).default(120),
  PUBLIC_URL: urlWith('https', 'http').optional(),

  WEBHOOKS_MAX: wholeNumber(1, 1_000).default(20),
  WEBHOOK_TIMEOUT_MS: wholeNumber(100, 60_000).default(15_000),
  WEBHOOK_DELIVERIES_AT_ONCE: wholeNumber(1, 1_000).default(50),
  WEBHOOK_MAX_WAITING: wholeNumber(1, 1_000_000).default(5_000),
  WEBHOOK_DELIVERIES_KEPT: wholeNumber(1, 10_000).default(200),
  WEBHOOK_ALLOW_HTTP: z.enum(['true', 'false']).default('false'),
  WEBHOOK_ALLOWED_NETWORKS: networks.default([]),
});

export type Variables = z.infer<typeof variables>;
