import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';

export interface RedisNode {
  host: string;
  port: number;
}

/** Certificates in PEM form. Without a `ca`, those that Node knows are trusted. */
export interface RedisTls {
  ca?: string;
  cert?: string;
  key?: string;
}

export interface RedisLogin {
  username?: string;
  password?: string;
}

/** Where Redis is, and what it takes to be let in. */
export interface RedisServer {
  mode: 'standalone' | 'cluster' | 'sentinel';
  /** The server, some nodes of the cluster, or the sentinels: one at least. */
  nodes: [RedisNode, ...RedisNode[]];
  login: RedisLogin;
  db: number;
  /** Absent: the connection is not encrypted. */
  tls: RedisTls | undefined;
  /** With sentinels: what they call the master, and how they let us in. */
  sentinel: { master: string; login: RedisLogin };
}

/** Of a cluster: the slot of the stream `customer.events`, whose name has no braces. All keys must be in it. */
export const CLUSTER_PREFIX = '{customer.events}';

type Given = Record<string, string | undefined>;
type Mode = RedisServer['mode'];

const MODES: readonly string[] = ['standalone', 'cluster', 'sentinel'] satisfies Mode[];
const DEFAULT_PORTS = { standalone: 6379, cluster: 6379, sentinel: 26_379 } as const;
const FORMS = {
  standalone:
    'expected a URL that starts with redis:// or rediss://, such as redis://user:password@host:6379/0',
  cluster:
    'expected nodes by comma, such as host:6379,host:6379 or rediss://user:password@host:6379,host:6379',
  sentinel:
    'expected sentinels by comma, such as host:26379,host:26379 or rediss://user:password@host:26379,host:26379/0',
} as const;

const URL_FORM = /^(?:(?<scheme>rediss?):\/\/)?(?:(?<login>.*)@)?(?<nodes>[^/@]+)(?:\/(?<db>\d*))?$/;
const NODE_FORM = /^(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<name>[\w.-]+))(?::(?<port>\d{1,5}))?$/;

/**
 * What the variables say of Redis; those that are missing are told of elsewhere.
 * @param problems gets a line for each thing that is wrong, without its value: that may be a secret
 */
export function readRedisServer(given: Given, problems: string[]): RedisServer | undefined {
  const mode = given.REDIS_MODE ?? 'standalone';
  if (given.REDIS_URL === undefined || !isMode(mode)) return undefined;
  const told = problems.length;
  problems.push(...misplaced(given, mode));
  const url = readUrl(given.REDIS_URL, mode);
  if (!url) problems.push(`REDIS_URL: ${FORMS[mode]}`);
  if (mode === 'cluster' && url && url.db !== 0) problems.push('REDIS_URL: a cluster has database 0 only');
  const tls = url?.isSecure ? readTls(given, problems) : undefined;
  if (!url || problems.length > told) return undefined;
  const { REDIS_SENTINEL_MASTER: master = '', REDIS_SENTINEL_USER, REDIS_SENTINEL_PASSWORD } = given;
  return {
    mode,
    ...{ nodes: url.nodes, db: url.db, login: url.login, tls },
    sentinel: { master, login: loginOf(REDIS_SENTINEL_USER, REDIS_SENTINEL_PASSWORD) },
  };
}

const isMode = (mode: string): mode is Mode => MODES.includes(mode);

/** What is set, or is not, against the mode. */
function misplaced(given: Given, mode: Mode): string[] {
  const ofSentinels = ['REDIS_SENTINEL_MASTER', 'REDIS_SENTINEL_USER', 'REDIS_SENTINEL_PASSWORD'];
  const ofTls = ['REDIS_CA_FILE', 'REDIS_CERT_FILE', 'REDIS_KEY_FILE'];
  const isSecure = given.REDIS_URL?.startsWith('rediss://') ?? false;
  const isSet = (name: string): boolean => given[name] !== undefined;
  return [
    ...(mode === 'sentinel' && !isSet('REDIS_SENTINEL_MASTER')
      ? ['REDIS_SENTINEL_MASTER: missing, it is required with REDIS_MODE=sentinel']
      : []),
    ...(mode === 'sentinel' ? [] : ofSentinels.filter(isSet)).map(
      (name) => `${name}: only with REDIS_MODE=sentinel`,
    ),
    ...(isSecure ? [] : ofTls.filter(isSet)).map((name) => `${name}: only with a REDIS_URL of rediss://`),
    ...(mode === 'cluster' && isSet('QUEUE_PREFIX') && given.QUEUE_PREFIX !== CLUSTER_PREFIX
      ? [`QUEUE_PREFIX: a cluster takes ${CLUSTER_PREFIX} only, the slot of the stream customer.events`]
      : []),
  ];
}

interface ReadUrl {
  isSecure: boolean;
  login: RedisLogin;
  nodes: RedisServer['nodes'];
  db: number;
}

/** @returns undefined when it is malformed */
function readUrl(text: string, mode: Mode): ReadUrl | undefined {
  const { scheme, login = '', nodes: list = '', db = '' } = URL_FORM.exec(text)?.groups ?? {};
  if (mode === 'standalone' && (scheme === undefined || list.includes(','))) return undefined;
  const nodes = list.split(',').map((node) => readNode(node, DEFAULT_PORTS[mode]));
  const [username, password] = [/^[^:]*/, /(?<=:).*$/s].map((part) => decoded(part.exec(login)?.[0] ?? ''));
  if (!areAll(nodes) || username === undefined || password === undefined) return undefined;
  return { isSecure: scheme === 'rediss', login: loginOf(username, password), nodes, db: Number(db) };
}

const areAll = (nodes: (RedisNode | undefined)[]): nodes is RedisServer['nodes'] =>
  nodes.length > 0 && nodes.every((node) => node !== undefined);

function readNode(text: string, defaultPort: number): RedisNode | undefined {
  const { v6, name, port = String(defaultPort) } = NODE_FORM.exec(text.trim())?.groups ?? {};
  const host = v6 ?? name;
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) return undefined;
  return { host, port: Number(port) };
}

const loginOf = (username?: string, password?: string): RedisLogin => ({
  ...(username && { username }),
  ...(password && { password }),
});

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function readTls(given: Given, problems: string[]): RedisTls {
  const read = (name: string, check: (pem: string) => unknown, expected: string): string | undefined => {
    const file = given[name];
    if (file === undefined) return undefined;
    const pem = contentOf(file);
    const isFit = pem !== undefined && isTaken(check, pem);
    if (!isFit)
      problems.push(
        `${name}: expected the path of ${expected}${pem === undefined ? ', it can not be read' : ''}`,
      );
    return isFit ? pem : undefined;
  };
  const ca = read('REDIS_CA_FILE', (pem) => new X509Certificate(pem), 'certificates in PEM form');
  const cert = read('REDIS_CERT_FILE', (pem) => new X509Certificate(pem), 'a certificate in PEM form');
  const key = read('REDIS_KEY_FILE', createPrivateKey, 'a private key in PEM form, without a password');
  if ((given.REDIS_CERT_FILE === undefined) !== (given.REDIS_KEY_FILE === undefined))
    problems.push('REDIS_CERT_FILE, REDIS_KEY_FILE: set both or none');
  if (cert && key && !new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
    problems.push('REDIS_KEY_FILE: not the key of the certificate in REDIS_CERT_FILE');
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function isTaken(check: (pem: string) => unknown, pem: string): boolean {
  try {
    check(pem);
    return true;
  } catch {
    return false;
  }
}
