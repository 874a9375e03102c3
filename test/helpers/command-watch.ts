import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { createConnection, type Connection } from 'mongoose';
import { closing } from './closing';
import type { TestApp } from './test-app';
import { waitFor } from './wait';

interface Profiled {
  op: string;
  ns: string;
  command: Record<string, unknown>;
}

/** Sees what an app asks of Redis and MongoDB, for promises about what an answer costs. */
export class CommandWatch {
  readonly close = closing(async () => {
    this.monitor.disconnect();
    this.redis.disconnect();
    await this.mongo.close();
  });
  private readonly seen: string[][] = [];

  private constructor(
    private readonly redis: Redis,
    private readonly monitor: Redis,
    private readonly mongo: Connection,
  ) {
    monitor.on('monitor', (_time: string, command: string[]) => this.seen.push(command));
  }

  static async on({ variables }: Pick<TestApp, 'variables'>): Promise<CommandWatch> {
    const { REDIS_URL = '', MONGODB_URI = '' } = variables;
    const redis = new Redis(REDIS_URL);
    const mongo = await createConnection(MONGODB_URI).asPromise();
    await mongo.db?.command({ profile: 2 });
    return new CommandWatch(redis, await redis.monitor(), mongo);
  }

  /** Kinds of the commands so far in which one of these texts is, sorted: what was asked about them. */
  async about(...texts: string[]): Promise<string[]> {
    const isAbout = (command: unknown) => texts.some((text) => JSON.stringify(command).includes(text));
    const marker = randomUUID();
    await this.redis.echo(marker);
    await waitFor(
      'all commands to be seen',
      () => Promise.resolve(this.seen.some((command) => command.includes(marker))),
      Boolean,
    );
    const profiled = await this.mongo
      .collection<Profiled>('system.profile')
      .find({ ns: { $not: /system\.profile$/ } })
      .toArray();
    return [
      ...this.seen.filter(isAbout).map(([name = '', script = '']) => kindOf(name.toUpperCase(), script)),
      ...profiled.filter(({ command }) => isAbout(command)).map(({ op, ns }) => `${op} ${ns}`),
    ].sort();
  }
}

/** Of a script, which one it is. */
const kindOf = (name: string, script: string): string =>
  name.startsWith('EVAL') ? `${name} ${script.trim().slice(0, 60)}` : name;
