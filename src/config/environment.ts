import type { KeyObject } from 'node:crypto';
import type { z } from 'zod';
import type { AdminRole } from '../auth/admin-role';
import type { Network } from './network';
import { CLUSTER_PREFIX, readRedisServer, type RedisServer } from './redis-server';
import { variables, type Variables } from './variables';

/** How a caller's token is checked: one of the three JWT variables. */
export type JwtKey =
  { kind: 'secret'; secret: string } | { kind: 'publicKey'; key: KeyObject } | { kind: 'jwks'; uri: string };

/** Of the admin pages: what `role` may do is said in src/auth/admin-role.ts. */
export interface AdminAccount {
  user: string;
  password: string;
  role: AdminRole;
}

/** How spans are made and sent, beside what the OpenTelemetry SDK reads itself. */
export interface TracingSettings {
  serviceName: string | undefined;
  /** How long a process that stops may take to send its last spans. */
  flushTimeoutMs: number;
}

/** Two: a single write need not wait for a chunk to end. */
const DEFAULT_FLOOR = 2;
/** Tenants that may use all they have from one address, where nothing else is said. */
const TENANTS_OF_AN_ADDRESS = 10;

/** The start can't go on; `problems` has one line per variable. */
export class EnvironmentInvalid extends Error {
  override readonly name = 'EnvironmentInvalid';

  constructor(readonly problems: string[]) {
    super(problems.join('\n'));
  }
}

/** The typed environment: beyond it nobody knows the names of variables. */
export class Environment {
  readonly role: Variables['APP_ROLE'];
  readonly production: boolean;
  readonly host: string;
  readonly port: number;
  readonly logLevel: Variables['LOG_LEVEL'];
  readonly redis: {
    server: RedisServer;
    prefix: string;
    commandTimeoutMs: number;
    /** Used memory, in percent of Redis' limit, from which on nothing new is accepted. */
    maxMemoryPercent: number;
    /** Whether production may run on a Redis that can lose what was accepted. */
    mayBeVolatile: boolean;
  };
  /** What Redis did with a write before it is answered: wrote it to its file, synced that, or sent it to a replica. */
  readonly ackDurability: Variables['ACK_DURABILITY'];
  /** Jobs that may wait in one queue. */
  readonly queueMaxWaiting: number;
  readonly mongo: { uri: string; timeoutMs: number };
  /** May be absent in a worker: then no token opens its `/metrics`. */
  readonly jwt: { key: JwtKey; issuer: string | undefined; audience: string | undefined } | undefined;
  /** Who may sign in on the admin pages, and for how long. Without accounts only tokens open them. */
  readonly admin: { accounts: AdminAccount[]; sessionMs: number };
  /** Whether anybody may read `/metrics`. */
  readonly metricsPublic: boolean;
  readonly bodyMaxBytes: number;
  /** How long clients may take, and how many connections they may have with this process. */
  readonly clients: {
    headersTimeoutMs: number;
    /** For a JSON body as a whole; of an upload, the time in which its least number of bytes must come. */
    bodyTimeoutMs: number;
    uploadMinBytesPerSecond: number;
    maxConnections: number;
  };
  /** Requests per tenant and minute; 0: no limit. */
  readonly rateLimitPerMinute: number;
  /** Requests per address and minute, whoever they say they are from; 0: no limit. */
  readonly rateLimitPerAddress: number;
  /** Whose word is taken about where a request comes from. */
  readonly trustedProxies: readonly Network[];
  /** Whose pages may use the API from a browser. */
  readonly corsOrigins: readonly string[];
  /** Jobs that a worker process runs at once, at most. */
  readonly workerConcurrency: number;
  /** When a worker runs fewer jobs at once. */
  readonly workerEasing: {
    /** Jobs that it runs at once in any case; as many as at most: it never runs fewer. */
    floor: number;
    /** How often it looks whether it should. */
    lookEveryMs: number;
    /** p99 */
    maxEventLoopDelayMs: number;
    /** Of its heap's or its container's limit, 0 to 1. */
    maxMemoryShare: number;
    /** Times as long as writes usually take. */
    maxWriteSlowdown: number;
  };
  /** A worker that has work and takes none for so long is not live. */
  readonly workerWedgedAfterMs: number;
  readonly import: { maxBytes: number; maxRecordBytes: number; retentionMs: number };
  /** How long a job can be read after its end. */
  readonly jobHistoryMs: number;
  readonly shutdownTimeoutMs: number;
  /** How long a process that is told to stop serves on, not ready, until its balancers know. A worker has none. */
  readonly shutdownDelayMs: number;
  /** When customers that were deleted are removed for good; without `afterMs`, never. Cron patterns are in UTC. */
  readonly purge: { cron: string; afterMs: number | undefined; maxPerRun: number };
  readonly cleanImportsCron: string;
  readonly deadLetters: { max: number; retentionMs: number; replayPerSecond: number };
  readonly auditLogMax: number;
  /** Customers that one worker erases at once. */
  readonly erasuresMax: number;
  /** Exports that one process writes at once, and columns for attributes that one of them may have. */
  readonly exports: { max: number; maxAttributes: number };
  readonly events: {
    /** In the log that streams go on from, roughly. */
    kept: number;
    /** Open streams of one process. */
    maxStreams: number;
    /** What may wait for one client. */
    bufferBytes: number;
    heartbeatMs: number;
  };
  /** Absent where nobody takes spans: nothing is traced then. */
  readonly tracing: TracingSettings | undefined;
  readonly emails: {
    /** Absent: none is sent. May hold a password. */
    smtpUrl: string | undefined;
    /** Longest silence of the mail server. */
    timeoutMs: number;
    from: { name: string; address: string };
    /** Of all workers together. */
    perMinute: number;
    /** E-mails of one type that one tenant is sent in an hour. */
    perTenantPerHour: number;
  };
  /** Where people reach the API, without a slash at the end. */
  readonly publicUrl: string | undefined;
  readonly webhooks: {
    /** Of one tenant. */
    max: number;
    /** For one try of a delivery, from the look-up of the host to the answer. */
    timeoutMs: number;
    /** Deliveries of one worker process. */
    atOnce: number;
    /** Deliveries that may wait for one webhook. */
    maxWaiting: number;
    /** In the log of one webhook. */
    deliveriesKept: number;
    /** Whether a receiver may do without TLS. */
    mayUseHttp: boolean;
    /** Where receivers may be beside the public internet. */
    allowedNetworks: readonly Network[];
  };

  private constructor(v: Variables, server: RedisServer, key: JwtKey | undefined) {
    this.role = v.APP_ROLE;
    this.production = v.NODE_ENV === 'production';
    this.host = v.HOST;
    this.port = v.PORT;
    this.logLevel = v.LOG_LEVEL;
    this.redis = {
      server,
      prefix: v.QUEUE_PREFIX ?? (server.mode === 'cluster' ? CLUSTER_PREFIX : '{insight}'),
      commandTimeoutMs: v.REDIS_COMMAND_TIMEOUT_MS,
      maxMemoryPercent: v.REDIS_MAX_MEMORY_PERCENT,
      mayBeVolatile: v.ALLOW_VOLATILE_REDIS === 'true',
    };
    this.ackDurability = v.ACK_DURABILITY;
    this.queueMaxWaiting = v.QUEUE_MAX_WAITING;
    this.mongo = { uri: v.MONGODB_URI, timeoutMs: v.MONGODB_TIMEOUT_MS };
    this.jwt = key && { key, issuer: v.JWT_ISSUER, audience: v.JWT_AUDIENCE };
    this.admin = { accounts: adminAccounts(v), sessionMs: v.ADMIN_SESSION_HOURS * 3_600_000 };
    this.metricsPublic = v.METRICS_PUBLIC === 'true';
    this.bodyMaxBytes = v.BODY_MAX_BYTES;
    this.clients = {
      headersTimeoutMs: v.HEADERS_TIMEOUT_MS,
      bodyTimeoutMs: v.BODY_TIMEOUT_MS,
      uploadMinBytesPerSecond: v.UPLOAD_MIN_BYTES_PER_SECOND,
      maxConnections: v.CONNECTIONS_MAX,
    };
    this.rateLimitPerMinute = v.RATE_LIMIT_PER_MINUTE;
    this.rateLimitPerAddress = v.RATE_LIMIT_PER_ADDRESS ?? v.RATE_LIMIT_PER_MINUTE * TENANTS_OF_AN_ADDRESS;
    this.trustedProxies = v.TRUSTED_PROXIES;
    this.corsOrigins = v.CORS_ORIGINS;
    this.workerConcurrency = v.WORKER_CONCURRENCY;
    this.workerEasing = {
      floor: v.WORKER_CONCURRENCY_MIN ?? Math.min(DEFAULT_FLOOR, v.WORKER_CONCURRENCY),
      lookEveryMs: v.WORKER_LOOK_EVERY_MS,
      maxEventLoopDelayMs: v.WORKER_MAX_EVENT_LOOP_DELAY_MS,
      maxMemoryShare: v.WORKER_MAX_MEMORY_PERCENT / 100,
      maxWriteSlowdown: v.WORKER_MAX_WRITE_SLOWDOWN,
    };
    this.workerWedgedAfterMs = v.WORKER_WEDGED_AFTER_MS;
    this.import = {
      maxBytes: v.IMPORT_MAX_BYTES,
      maxRecordBytes: v.IMPORT_MAX_RECORD_BYTES,
      retentionMs: v.IMPORT_RETENTION_HOURS * 3_600_000,
    };
    this.jobHistoryMs = v.JOB_HISTORY_HOURS * 3_600_000;
    this.shutdownTimeoutMs = v.SHUTDOWN_TIMEOUT_MS;
    this.shutdownDelayMs = v.APP_ROLE === 'worker' ? 0 : v.SHUTDOWN_DELAY_MS;
    this.deadLetters = {
      max: v.DEAD_LETTER_MAX,
      retentionMs: v.DEAD_LETTER_RETENTION_HOURS * 3_600_000,
      replayPerSecond: v.DEAD_LETTER_REPLAY_PER_SECOND,
    };
    this.purge = {
      cron: v.PURGE_CRON,
      // What may be run again for so long must find the customers that it was about.
      afterMs:
        v.PURGE_AFTER_DAYS === 0
          ? undefined
          : Math.max(
              v.PURGE_AFTER_DAYS * 24 * 3_600_000,
              this.import.retentionMs,
              this.deadLetters.retentionMs,
            ),
      maxPerRun: v.PURGE_MAX_PER_RUN,
    };
    this.cleanImportsCron = v.CLEAN_IMPORTS_CRON;
    this.auditLogMax = v.AUDIT_LOG_MAX;
    this.erasuresMax = v.ERASURES_MAX;
    this.exports = { max: v.EXPORTS_MAX, maxAttributes: v.EXPORT_ATTRIBUTES_MAX };
    this.events = {
      kept: v.EVENTS_KEPT,
      maxStreams: v.EVENT_STREAMS_MAX,
      bufferBytes: v.EVENT_STREAM_BUFFER_BYTES,
      heartbeatMs: v.EVENT_HEARTBEAT_MS,
    };
    this.tracing =
      v.OTEL_EXPORTER_OTLP_ENDPOINT === undefined
        ? undefined
        : { serviceName: v.OTEL_SERVICE_NAME, flushTimeoutMs: v.TRACE_FLUSH_TIMEOUT_MS };
    this.emails = {
      smtpUrl: v.SMTP_URL,
      timeoutMs: v.SMTP_TIMEOUT_MS,
      from: v.EMAIL_FROM,
      perMinute: v.EMAILS_PER_MINUTE,
      perTenantPerHour: v.EMAILS_PER_TENANT_PER_HOUR,
    };
    this.publicUrl = v.PUBLIC_URL?.replace(/\/+$/, '');
    this.webhooks = {
      max: v.WEBHOOKS_MAX,
      timeoutMs: v.WEBHOOK_TIMEOUT_MS,
      atOnce: v.WEBHOOK_DELIVERIES_AT_ONCE,
      maxWaiting: v.WEBHOOK_MAX_WAITING,
      deliveriesKept: v.WEBHOOK_DELIVERIES_KEPT,
      mayUseHttp: v.WEBHOOK_ALLOW_HTTP === 'true',
      allowedNetworks: v.WEBHOOK_ALLOWED_NETWORKS,
    };
  }

  /** @throws EnvironmentInvalid naming every variable that is missing, unknown-valued or malformed. */
  static read(source: Record<string, string | undefined>): Environment {
    const given = givenOf(source);
    const parsed = variables.safeParse(given);
    const problems = parsed.success ? [] : parsed.error.issues.map((issue) => describe(issue, given));
    const servesApi = given.APP_ROLE !== 'worker';
    const keys = ['JWT_SECRET', 'JWT_PUBLIC_KEY', 'JWT_JWKS_URI'].filter((name) => name in given);
    if (servesApi && keys.length === 0) {
      problems.push('JWT_SECRET: missing; one of JWT_SECRET, JWT_PUBLIC_KEY or JWT_JWKS_URI is required');
    }
    problems.push(...sharedNames(given));
    const redis = readRedisServer(given, problems);
    if (parsed.success && (parsed.data.WORKER_CONCURRENCY_MIN ?? 1) > parsed.data.WORKER_CONCURRENCY)
      problems.push('WORKER_CONCURRENCY_MIN: expected a number up to that of WORKER_CONCURRENCY');
    if (keys.length > 1) problems.push(`${keys.join(', ')}: set only one of them`);
    if (!parsed.success || !redis || problems.length > 0) throw new EnvironmentInvalid(problems);
    return new Environment(parsed.data, redis, jwtKey(parsed.data));
  }
}

function adminAccounts(v: Variables): AdminAccount[] {
  const accounts = [
    { user: v.ADMIN_USER, password: v.ADMIN_PASSWORD, role: 'admin' },
    { user: v.OPERATOR_USER, password: v.OPERATOR_PASSWORD, role: 'operator' },
    { user: v.VIEWER_USER, password: v.VIEWER_PASSWORD, role: 'viewer' },
  ] as const;
  return accounts.flatMap(({ user, password, role }) =>
    password === undefined ? [] : [{ user, password, role }],
  );
}

/** Two accounts of one name: who signs in could be either. */
function sharedNames(given: Record<string, string | undefined>): string[] {
  const names = ['ADMIN', 'OPERATOR', 'VIEWER']
    .filter((account) => given[`${account}_PASSWORD`] !== undefined)
    .map((account) => ({ account, user: given[`${account}_USER`] ?? account.toLowerCase() }));
  return names.flatMap(({ account, user }, index) =>
    names.findIndex((other) => other.user === user) < index
      ? [`${account}_USER: expected a name that no other account has`]
      : [],
  );
}

function jwtKey(v: Variables): JwtKey | undefined {
  if (v.JWT_SECRET) return { kind: 'secret', secret: v.JWT_SECRET };
  if (v.JWT_PUBLIC_KEY) return { kind: 'publicKey', key: v.JWT_PUBLIC_KEY };
  return v.JWT_JWKS_URI ? { kind: 'jwks', uri: v.JWT_JWKS_URI } : undefined;
}

/** An empty variable is as good as none. */
export const givenOf = (source: Record<string, string | undefined>): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value !== ''));

/** Names the variable and what was expected, never its value: it may be a secret. */
export function describe(issue: z.core.$ZodIssue, given: Record<string, string | undefined>): string {
  const name = issue.path.join('.');
  if (!(name in given)) return `${name}: missing, it is required`;
  if (issue.code === 'invalid_value') return `${name}: expected one of ${issue.values.join(', ')}`;
  return `${name}: ${issue.message}`;
}
