import { setTimeout as delay } from 'node:timers/promises';
import mongoose from 'mongoose';
import { StackProblem } from './stack-problem.ts';

type Client = mongoose.mongo.MongoClient;

export const REPLICA_SET = 'rs0';

const PRIMARY_MS = 20_000;

interface ReplicaSetConfig {
  version: number;
  members: { host: string }[];
}

/** Asks the mongod on this port, whatever its state in its replica set. */
export async function askMongo<T>(port: number, question: (client: Client) => Promise<T>): Promise<T> {
  const client = new mongoose.mongo.MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
    serverSelectionTimeoutMS: 2_000,
  });
  try {
    return await question(client);
  } finally {
    await client.close();
  }
}

/** Makes the mongod on this port the primary of a set of one, under the address that it has today. */
export async function becomePrimary(port: number): Promise<void> {
  const host = `127.0.0.1:${port}`;
  await askMongo(port, async (client) => {
    const admin = client.db('admin');
    const config = await client.db('local').collection<ReplicaSetConfig>('system.replset').findOne();
    if (config === null) {
      const members = [{ _id: 0, host }];
      await admin.command({ replSetInitiate: { _id: REPLICA_SET, members } });
    } else if (config.members[0]?.host !== host) {
      // The stored address is that of an earlier run: a member that does not find itself never becomes primary.
      const members = [{ ...config.members[0], host }];
      await admin.command({
        replSetReconfig: { ...config, version: config.version + 1, members },
        force: true,
      });
    }
    const deadline = Date.now() + PRIMARY_MS;
    while ((await admin.command({ hello: 1 }))['isWritablePrimary'] !== true) {
      if (Date.now() > deadline) {
        throw new StackProblem(`MongoDB did not become primary within ${PRIMARY_MS / 1_000} s`);
      }
      await delay(20);
    }
  });
}
