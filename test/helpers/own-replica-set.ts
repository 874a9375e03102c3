import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../../tools/stack/free-port.ts';
import { findMongod } from '../../tools/stack/mongo-binary.ts';
import { mongodArguments } from '../../tools/stack/mongo.ts';
import { askMongo, REPLICA_SET } from '../../tools/stack/replica-set.ts';
import { closing } from './closing';
import { endAtOnce } from './end-at-once';
import { waitFor } from './wait';

/** Three members, of which one may be away. */
export interface OwnReplicaSet {
  /** Without a database. */
  url: string;
  /** Ends the primary at once, as a crash does. @returns its port */
  killPrimary(): Promise<number>;
  /** Resolves with the port of the primary. */
  primary(): Promise<number>;
}

const MEMBERS = 3;
const root = path.resolve(__dirname, '../..');

export async function startOwnReplicaSet(): Promise<OwnReplicaSet> {
  const { path: program } = await findMongod({
    root,
    serversDir: path.join(root, '.servers'),
    env: process.env,
    log: console.log,
  });
  const dir = await mkdtemp(path.join(tmpdir(), 'insightcrm-mongo-'));
  const members = new Map<number, ChildProcess>();
  const kill = async (port: number): Promise<void> => {
    const child = members.get(port);
    members.delete(port);
    await endAtOnce(child);
  };
  closing(async () => {
    await Promise.all([...members.keys()].map(kill));
    await rm(dir, { recursive: true, force: true });
  });
  for (let member = 0; member < MEMBERS; member++) {
    const port = await freePort();
    const folder = path.join(dir, String(port));
    await mkdir(folder);
    members.set(port, spawn(program, mongodArguments(port, folder), { stdio: 'ignore' }));
  }
  const ports = [...members.keys()];
  const hello = (port: number) =>
    askMongo(port, (client) => client.db('admin').command({ hello: 1 })).catch(() => undefined);
  for (const port of ports)
    await waitFor(
      'a member to answer',
      () => hello(port),
      (answer) => answer !== undefined,
      { timeoutMs: 30_000 },
    );
  const config = {
    _id: REPLICA_SET,
    members: ports.map((port, _id) => ({ _id, host: `127.0.0.1:${port}` })),
    settings: { electionTimeoutMillis: 2_000 },
  };
  await askMongo(ports[0] ?? 0, (client) => client.db('admin').command({ replSetInitiate: config }));
  const primary = async (): Promise<number> => {
    const isPrimary = async (port: number) => (await hello(port))?.['isWritablePrimary'] === true;
    const found = await waitFor(
      'a primary',
      async () => {
        for (const port of members.keys()) if (await isPrimary(port)) return port;
        return undefined;
      },
      (port) => port !== undefined,
      { timeoutMs: 30_000 },
    );
    return found ?? 0;
  };
  await primary();
  return {
    url: `mongodb://${ports.map((port) => `127.0.0.1:${port}`).join(',')}/?replicaSet=${REPLICA_SET}`,
    primary,
    killPrimary: async () => {
      const port = await primary();
      await kill(port);
      return port;
    },
  };
}
