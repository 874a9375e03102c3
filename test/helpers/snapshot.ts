import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { closing } from './closing';
import type { OwnMongo } from './own-mongo';
import type { OwnRedis } from './own-redis';

/** Puts files back where they were; the server that has them must not run. */
type Restore = () => Promise<void>;

/** Files of a mongod that runs, as a snapshot of its disk has them. */
export const snapshotOfMongo = (mongo: OwnMongo): Promise<Restore> => mongo.locked(() => copyOf(mongo.dir));

/**
 * Files of a Redis that runs.
 * @see https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/#backing-up-aof-persistence
 */
export const snapshotOfRedis = (redis: OwnRedis): Promise<Restore> =>
  redis.ask(async (asked) => {
    await asked.config('SET', 'auto-aof-rewrite-percentage', 0);
    return copyOf(redis.dir);
  });

async function copyOf(dir: string): Promise<Restore> {
  const copy = await mkdtemp(path.join(tmpdir(), 'insightcrm-snapshot-'));
  closing(() => rm(copy, { recursive: true, force: true }));
  await cp(dir, copy, { recursive: true });
  return async () => {
    await rm(dir, { recursive: true, force: true });
    await cp(copy, dir, { recursive: true });
  };
}
