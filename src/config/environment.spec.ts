import { generateKeyPairSync } from 'node:crypto';
import { Environment, EnvironmentInvalid } from './environment';

const REQUIRED = {
  REDIS_URL: 'redis://127.0.0.1:6379',
  MONGODB_URI: 'mongodb://127.0.0.1:27017/insight',
  JWT_SECRET: 'a secret of at least 32 bytes, it is',
};
const read = (variables: Record<string, string | undefined> = {}) =>
  Environment.read({ ...REQUIRED, ...variables });

/** What is told of variables that are wrong, a line each. */
function problemsOf(variables: Record<string, string | undefined>): string[] {
  try {
    read(variables);
  } catch (error) {
    if (error instanceof EnvironmentInvalid) return error.problems;
    throw error;
  }
  return [];
}

const pem = (pair: {
  publicKey: { export(options: { type: 'spki'; format: 'pem' }): string | Buffer };
}): string => pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

describe('environment', () => {
  it('has a default for all that is not required, as the contract says', () => {
    const environment = read();

    expect(environment).toMatchObject({
      role: 'all',
      port: 5000,
      logLevel: 'info',
      admin: { accounts: [], sessionMs: 12 * 3_600_000 },
      metricsPublic: false,
      rateLimitPerMinute: 6000,
      queueMaxWaiting: 100_000,
      ackDurability: 'aof',
      redis: { maxMemoryPercent: 95, mayBeVolatile: false },
      workerConcurrency: 8,
      workerEasing: {
        floor: 2,
        lookEveryMs: 1_000,
        maxEventLoopDelayMs: 250,
        maxMemoryShare: 0.9,
        maxWriteSlowdown: 3,
      },
      workerWedgedAfterMs: 60_000,
      import: { maxBytes: 100 * 1024 * 1024 },
      jobHistoryMs: 7 * 24 * 3_600_000,
      shutdownTimeoutMs: 10_000,
      shutdownDelayMs: 0,
      jwt: { key: { kind: 'secret', secret: REQUIRED.JWT_SECRET }, issuer: undefined, audience: undefined },
      deadLetters: { max: 100_000, retentionMs: 7 * 24 * 3_600_000, replayPerSecond: 50 },
      auditLogMax: 100_000,
      erasuresMax: 2,
      exports: { max: 32, maxAttributes: 500 },
      webhooks: {
        max: 20,
        timeoutMs: 15_000,
        atOnce: 50,
        maxWaiting: 5_000,
        deliveriesKept: 200,
        mayUseHttp: false,
        allowedNetworks: [],
      },
      emails: {
        smtpUrl: undefined,
        timeoutMs: 10_000,
        from: { name: 'InsightCRM', address: 'no-reply@localhost' },
        perMinute: 60,
        perTenantPerHour: 120,
      },
      publicUrl: undefined,
      purge: { cron: '0 3 * * *', afterMs: 30 * 24 * 3_600_000, maxPerRun: 1_000_000 },
      cleanImportsCron: '30 3 * * *',
      tracing: undefined,
    });
  });

  it('traces where somebody takes the spans', () => {
    const receiver = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

    expect(read(receiver).tracing).toEqual({ serviceName: undefined, flushTimeoutMs: 5_000 });
    expect(read({ ...receiver, OTEL_SERVICE_NAME: 'crm', TRACE_FLUSH_TIMEOUT_MS: '0' }).tracing).toEqual({
      serviceName: 'crm',
      flushTimeoutMs: 0,
    });
  });

  it('takes what is given', () => {
    const environment = read({
      APP_ROLE: 'api',
      PORT: '0',
      LOG_LEVEL: 'debug',
      RATE_LIMIT_PER_MINUTE: '0',
      WORKER_CONCURRENCY: '3',
      QUEUE_MAX_WAITING: '50',
      ACK_DURABILITY: 'fsync',
      ALLOW_VOLATILE_REDIS: 'true',
      IMPORT_MAX_BYTES: '1000',
      JWT_ISSUER: 'us',
      JWT_AUDIENCE: 'crm',
      ADMIN_USER: 'root',
      ADMIN_PASSWORD: 'long enough',
      VIEWER_PASSWORD: 'long enough too',
      ADMIN_SESSION_HOURS: '1',
      METRICS_PUBLIC: 'true',
    });

    expect(environment).toMatchObject({
      role: 'api',
      port: 0,
      logLevel: 'debug',
      rateLimitPerMinute: 0,
      workerConcurrency: 3,
      queueMaxWaiting: 50,
      ackDurability: 'fsync',
      redis: { mayBeVolatile: true },
      import: { maxBytes: 1000 },
      jwt: { issuer: 'us', audience: 'crm' },
      admin: {
        accounts: [
          { user: 'root', password: 'long enough', role: 'admin' },
          { user: 'viewer', password: 'long enough too', role: 'viewer' },
        ],
        sessionMs: 3_600_000,
      },
      metricsPublic: true,
    });
  });

  it.each([
    ['CRM at work <crm@example.com>', { name: 'CRM at work', address: 'crm@example.com' }],
    ['<crm@example.com>', { name: '', address: 'crm@example.com' }],
    ['crm@localhost', { name: '', address: 'crm@localhost' }],
  ])('takes the sender %s', (EMAIL_FROM, from) => {
    expect(read({ EMAIL_FROM }).emails.from).toEqual(from);
  });

  it('takes a mail server, and the address of the service without slashes at its end', () => {
    const SMTP_URL = 'smtps://user:password@mail.example.com:465';

    expect(read({ SMTP_URL, PUBLIC_URL: 'https://crm.example.com/x//' })).toMatchObject({
      emails: { smtpUrl: SMTP_URL },
      publicUrl: 'https://crm.example.com/x',
    });
  });

  it('takes networks of IPv4 and IPv6, by comma', () => {
    const { allowedNetworks } = read({ WEBHOOK_ALLOWED_NETWORKS: '10.1.0.0/16, fd00::/8' }).webhooks;

    expect(allowedNetworks.map(([address, bits]) => `${address.toString()}/${bits}`)).toEqual([
      '10.1.0.0/16',
      'fd00::/8',
    ]);
  });

  it('lets the floor of a worker follow a ceiling below it, and takes another one', () => {
    expect(read({ WORKER_CONCURRENCY: '1' }).workerEasing.floor).toBe(1);
    expect(read({ WORKER_CONCURRENCY: '8', WORKER_CONCURRENCY_MIN: '8' }).workerEasing.floor).toBe(8);
  });

  it('takes an empty variable for one that is not set', () => {
    expect(read({ PORT: '', ADMIN_PASSWORD: '' })).toMatchObject({
      port: 5000,
      admin: { accounts: [] },
    });
  });

  it('needs no key for tokens in a worker, and takes one', () => {
    expect(read({ APP_ROLE: 'worker', JWT_SECRET: undefined }).jwt).toBeUndefined();
    expect(read({ APP_ROLE: 'worker' }).jwt?.key.kind).toBe('secret');
  });

  it.each([
    ['rsa', pem(rsa)],
    ['rsa with \\n for its line ends', pem(rsa).replaceAll('\n', '\\n')],
    ['ec', pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }))],
  ])('takes a public key: %s', (_, key) => {
    expect(read({ JWT_SECRET: undefined, JWT_PUBLIC_KEY: key }).jwt?.key.kind).toBe('publicKey');
  });

  it('takes a key set', () => {
    const uri = 'https://id.example.com/.well-known/jwks.json';

    expect(read({ JWT_SECRET: undefined, JWT_JWKS_URI: uri }).jwt?.key).toEqual({ kind: 'jwks', uri });
  });

  it('tells of every variable that is missing, a line each', () => {
    expect(problemsOf({ REDIS_URL: undefined, MONGODB_URI: undefined, JWT_SECRET: undefined })).toEqual([
      expect.stringMatching(/^REDIS_URL: missing/),
      expect.stringMatching(/^MONGODB_URI: missing/),
      expect.stringMatching(/^JWT_SECRET: missing/),
    ]);
  });

  it('refuses two keys for tokens, of which one would be ignored', () => {
    const problems = problemsOf({ JWT_JWKS_URI: 'https://id.example.com/jwks' });

    expect(problems).toEqual(['JWT_SECRET, JWT_JWKS_URI: set only one of them']);
  });

  it.each([
    ['APP_ROLE', 'server'],
    ['NODE_ENV', 'prod'],
    ['LOG_LEVEL', 'verbose'],
    ['REDIS_MODE', 'ring'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80a'],
    ['PORT', '5000.5'],
    ['REDIS_URL', 'localhost:6379'],
    ['REDIS_URL', 'http://localhost:6379'],
    ['REDIS_URL', 'redis://localhost:port'],
    ['REDIS_URL', 'redis://localhost:99999'],
    ['MONGODB_URI', 'localhost:27017'],
    ['MONGODB_URI', 'mongodb://'],
    ['MONGODB_URI', 'mongodb://localhost:port/insight'],
    ['MIGRATE_WAIT_MS', '-1'],
    ['JWT_SECRET', 'x'.repeat(31)],
    ['RATE_LIMIT_PER_MINUTE', '-1'],
    ['RATE_LIMIT_PER_MINUTE', 'many'],
    ['WORKER_CONCURRENCY', '0'],
    ['WORKER_CONCURRENCY_MIN', '0'],
    ['WORKER_CONCURRENCY_MIN', '9'],
    ['WORKER_LOOK_EVERY_MS', '99'],
    ['WORKER_MAX_EVENT_LOOP_DELAY_MS', '0'],
    ['WORKER_MAX_MEMORY_PERCENT', '101'],
    ['WORKER_MAX_WRITE_SLOWDOWN', '1'],
    ['WORKER_WEDGED_AFTER_MS', '0'],
    ['QUEUE_MAX_WAITING', '0'],
    ['ACK_DURABILITY', 'disk'],
    ['ALLOW_VOLATILE_REDIS', 'yes'],
    ['REDIS_MAX_MEMORY_PERCENT', '101'],
    ['IMPORT_MAX_BYTES', '100MB'],
    ['BODY_MAX_BYTES', '10'],
    ['ADMIN_PASSWORD', 'short'],
    ['OPERATOR_PASSWORD', 'short'],
    ['VIEWER_PASSWORD', 'short'],
    ['ADMIN_SESSION_HOURS', '0'],
    ['METRICS_PUBLIC', 'yes'],
    ['QUEUE_PREFIX', 'a:b'],
    ['DEAD_LETTER_MAX', '0'],
    ['DEAD_LETTER_RETENTION_HOURS', '1.5'],
    ['DEAD_LETTER_REPLAY_PER_SECOND', '1001'],
    ['AUDIT_LOG_MAX', '99'],
    ['ERASURES_MAX', '0'],
    ['EXPORTS_MAX', '0'],
    ['EXPORT_ATTRIBUTES_MAX', '10001'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'http'],
    ['OTEL_TRACES_SAMPLER', 'sometimes'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.1'],
    ['OTEL_TRACES_SAMPLER_ARG', 'half'],
    ['TRACE_FLUSH_TIMEOUT_MS', '60001'],
    ['SMTP_URL', 'mail.example.com:25'],
    ['SMTP_URL', 'smtp://'],
    ['SMTP_TIMEOUT_MS', '10'],
    ['EMAIL_FROM', 'nobody'],
    ['EMAIL_FROM', 'CRM <crm@example.com>\r\nBcc: eve@example.com'],
    ['EMAIL_FROM', 'CRM\r\nBcc: eve@example.com <crm@example.com>'],
    ['EMAILS_PER_MINUTE', '0'],
    ['EMAILS_PER_TENANT_PER_HOUR', '0'],
    ['PUBLIC_URL', 'crm.example.com'],
    ['WEBHOOKS_MAX', '0'],
    ['WEBHOOK_TIMEOUT_MS', '60001'],
    ['WEBHOOK_DELIVERIES_AT_ONCE', '0'],
    ['WEBHOOK_MAX_WAITING', 'all'],
    ['WEBHOOK_DELIVERIES_KEPT', '0'],
    ['WEBHOOK_ALLOW_HTTP', 'yes'],
    ['WEBHOOK_ALLOWED_NETWORKS', '10.0.0.0'],
    ['WEBHOOK_ALLOWED_NETWORKS', '10.0.0.0/33'],
    ['WEBHOOK_ALLOWED_NETWORKS', '10.0.0.0/8,home'],
  ])('refuses %s=%s, in one line that starts with its name', (name, value) => {
    expect(problemsOf({ [name]: value })).toEqual([expect.stringMatching(new RegExp(`^${name}: expected `))]);
  });

  it.each(['PURGE_CRON', 'CLEAN_IMPORTS_CRON'])('refuses a %s that is no cron pattern', (name) => {
    expect(problemsOf({ [name]: 'every night' })).toEqual([
      expect.stringMatching(new RegExp(`^${name}: expected a cron pattern of five fields`)),
    ]);
  });

  it('purges nobody where PURGE_AFTER_DAYS is 0', () => {
    expect(read({ PURGE_AFTER_DAYS: '0' }).purge.afterMs).toBeUndefined();
  });

  it.each([
    ['dead letters', 'DEAD_LETTER_RETENTION_HOURS'],
    ['imports', 'IMPORT_RETENTION_HOURS'],
  ])('keeps deleted customers no shorter than %s, which may still be about them', (_, name) => {
    const { purge } = read({ PURGE_AFTER_DAYS: '1', [name]: '1000' });

    expect(purge.afterMs).toBe(1000 * 3_600_000);
  });

  it('refuses two accounts of one name, of which one could never sign in', () => {
    const accounts = {
      ADMIN_PASSWORD: 'long enough',
      OPERATOR_PASSWORD: 'long enough',
      OPERATOR_USER: 'admin',
    };

    expect(problemsOf(accounts)).toEqual(['OPERATOR_USER: expected a name that no other account has']);
  });

  it.each([
    ['no PEM', 'abc'],
    ['a private key', rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
    ['RSA of 1024 bits', pem(generateKeyPairSync('rsa', { modulusLength: 1024 }))],
    ['EC of another curve', pem(generateKeyPairSync('ec', { namedCurve: 'P-384' }))],
    ['Ed25519', pem(generateKeyPairSync('ed25519'))],
  ])('refuses a JWT_PUBLIC_KEY that is %s', (_, key) => {
    expect(problemsOf({ JWT_SECRET: undefined, JWT_PUBLIC_KEY: key })).toEqual([
      expect.stringMatching(/^JWT_PUBLIC_KEY: expected /),
    ]);
  });

  it.each(['file:///etc/keys', 'id.example.com/jwks', 'http://'])('refuses a JWT_JWKS_URI of %s', (uri) => {
    expect(problemsOf({ JWT_SECRET: undefined, JWT_JWKS_URI: uri })).toEqual([
      expect.stringMatching(/^JWT_JWKS_URI: expected /),
    ]);
  });
});
