import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readRedisServer } from './redis-server';

const read = (given: Record<string, string>) => {
  const problems: string[] = [];
  return { server: readRedisServer(given, problems), problems };
};
const serverOf = (given: Record<string, string>) => read(given).server;
const problemsOf = (given: Record<string, string>) => read(given).problems;

describe('where Redis is', () => {
  it.each([
    ['redis://127.0.0.1', '127.0.0.1', 6379, 0],
    ['redis://localhost:7000/3', 'localhost', 7000, 3],
    ['redis://cache.example.com:7000/', 'cache.example.com', 7000, 0],
    ['redis://[::1]:7000', '::1', 7000, 0],
  ])('takes %s', (REDIS_URL, host, port, db) => {
    expect(serverOf({ REDIS_URL })).toEqual({
      mode: 'standalone',
      nodes: [{ host, port }],
      login: {},
      db,
      tls: undefined,
      sentinel: { master: '', login: {} },
    });
  });

  it.each([
    ['redis://crm:p%40ss%3A%2Cword@h', { username: 'crm', password: 'p@ss:,word' }],
    ['redis://crm:a:b@h', { username: 'crm', password: 'a:b' }],
    ['redis://:secret@h', { password: 'secret' }],
    ['redis://crm@h', { username: 'crm' }],
  ])('takes who we are from %s', (REDIS_URL, login) => {
    expect(serverOf({ REDIS_URL })?.login).toEqual(login);
  });

  it('is encrypted with rediss://, and trusts whom Node trusts unless told', () => {
    expect(serverOf({ REDIS_URL: 'rediss://h' })?.tls).toEqual({});
  });

  it('is a list of nodes of a cluster', () => {
    const REDIS_MODE = 'cluster';
    const nodes = [
      { host: 'a', port: 7000 },
      { host: 'b', port: 6379 },
    ];

    expect(serverOf({ REDIS_MODE, REDIS_URL: 'a:7000,b' })).toMatchObject({ mode: 'cluster', nodes });
    expect(serverOf({ REDIS_MODE, REDIS_URL: 'rediss://crm:pw@a:7000, b:6379/0' })).toMatchObject({
      nodes,
      login: { username: 'crm', password: 'pw' },
      tls: {},
    });
  });

  it('is a list of sentinels, their master, and how each lets us in', () => {
    const given = {
      REDIS_MODE: 'sentinel',
      REDIS_URL: 'redis://crm:pw@s1,s2:7000/2',
      REDIS_SENTINEL_MASTER: 'crm',
      REDIS_SENTINEL_USER: 'watch',
      REDIS_SENTINEL_PASSWORD: 'other',
    };

    expect(serverOf(given)).toMatchObject({
      mode: 'sentinel',
      nodes: [
        { host: 's1', port: 26_379 },
        { host: 's2', port: 7000 },
      ],
      login: { username: 'crm', password: 'pw' },
      db: 2,
      sentinel: { master: 'crm', login: { username: 'watch', password: 'other' } },
    });
  });

  it.each([
    ['127.0.0.1:6379'],
    ['http://127.0.0.1'],
    ['redis://'],
    ['redis://a,b'],
    ['redis://a:0'],
    ['redis://a:65536'],
    ['redis://a/x'],
    ['redis://a?db=1'],
    ['redis://%E0%A4%A@a'],
  ])('is not taken for a single server from %s', (REDIS_URL) => {
    expect(problemsOf({ REDIS_URL })).toEqual([
      'REDIS_URL: expected a URL that starts with redis:// or rediss://, such as redis://user:password@host:6379/0',
    ]);
  });

  it('is told wrong with one line for each thing that is, without its value', () => {
    const list = { REDIS_URL: 'a:1,b:2' };
    const cluster = { ...list, REDIS_MODE: 'cluster' };

    expect(problemsOf({ ...cluster, REDIS_URL: 'a:secret' })).toEqual([
      'REDIS_URL: expected nodes by comma, such as host:6379,host:6379 or rediss://user:password@host:6379,host:6379',
    ]);
    expect(problemsOf({ ...cluster, REDIS_URL: 'redis://a,b/1', QUEUE_PREFIX: '{insight}' })).toEqual([
      'QUEUE_PREFIX: a cluster takes {customer.events} only, the slot of the stream customer.events',
      'REDIS_URL: a cluster has database 0 only',
    ]);
    expect(problemsOf({ ...list, REDIS_MODE: 'sentinel' })).toEqual([
      'REDIS_SENTINEL_MASTER: missing, it is required with REDIS_MODE=sentinel',
    ]);
    expect(problemsOf({ ...cluster, REDIS_SENTINEL_PASSWORD: 'x', REDIS_CA_FILE: '/ca.pem' })).toEqual([
      'REDIS_SENTINEL_PASSWORD: only with REDIS_MODE=sentinel',
      'REDIS_CA_FILE: only with a REDIS_URL of rediss://',
    ]);
  });

  describe('with certificates of our own', () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'insightcrm-pem-'));
    const file = (name: string, text: string): string => {
      writeFileSync(path.join(dir, name), text);
      return path.join(dir, name);
    };
    const key = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
    const keyFile = file('key.pem', key.export({ type: 'pkcs8', format: 'pem' }).toString());

    afterAll(() => {
      rmSync(dir, { recursive: true });
    });

    it.each([
      [{ REDIS_CA_FILE: '/nowhere' }, /^REDIS_CA_FILE: .* it can not be read$/],
      [{ REDIS_CA_FILE: keyFile }, /^REDIS_CA_FILE: expected the path of certificates in PEM form$/],
      [{ REDIS_KEY_FILE: keyFile }, /^REDIS_CERT_FILE, REDIS_KEY_FILE: set both or none$/],
    ])('says what is wrong with %j', (files, problem) => {
      expect(problemsOf({ REDIS_URL: 'rediss://h', ...files })).toEqual([expect.stringMatching(problem)]);
    });
  });
});
