import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../../tools/stack/free-port.ts';
import { mongodArguments } from '../../tools/stack/mongo.ts';
import { findMongod } from '../../tools/stack/mongo-binary.ts';
import { askMongo, becomePrimary } from '../../tools/stack/replica-set.ts';
import { closing } from './closing';
import { endAtOnce } from './end-at-once';
import { waitFor } from './wait';

/** A mongod of one test's own, to take snapshots of; its data and its port stay. */
export interface OwnMongo {
  /** Of a database of the service. */
  url: string;
  /** Where its files are. */
  dir: string;
  start(): Promise<void>;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  /** Holds writes back, and has all before them in its files, while `during` runs. */
  locked<T>(during: () => Promise<T>): Promise<T>;
}

const root = path.resolve(__dirname, '../..');

export async function startOwnMongo(): Promise<OwnMongo> {
  const { path: program } = await findMongod({
    ...{ root, serversDir: path.join(root, '.servers'), env: process.env, log: console.log },
  });
  const dir = await mkdtemp(path.join(tmpdir(), 'insightcrm-mongo-'));
  const port = await freePort();
  let child: ChildProcess | undefined;
  const answers = () =>
    askMongo(port, (client) => client.db('admin').command({ ping: 1 }))
      .then(() => true)
      .catch(() => false);

  const own: OwnMongo = {
    url: `mongodb://127.0.0.1:${port}/insightcrm?directConnection=true`,
    dir,
    start: async () => {
      child = spawn(program, mongodArguments(port, dir), { stdio: 'ignore' });
      await waitFor('mongod to answer', answers, Boolean, { timeoutMs: 30_000 });
      await becomePrimary(port);
    },
    kill: () => endAtOnce(child),
    locked: (during) =>
      askMongo(port, async (client) => {
        await client.db('admin').command({ fsync: 1, lock: true });
        try {
          return await during();
        } finally {
          await client.db('admin').command({ fsyncUnlock: 1 });
        }
      }),
  };
  closing(async () => {
    await own.kill();
    await rm(dir, { recursive: true, force: true });
  });
  await own.start();
  return own;
}
