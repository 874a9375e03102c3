import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startServers, type Servers } from '../tools/stack/servers.ts';

declare global {
  // Jest runs set-up and tear-down in one process: what one starts, the other must find.
  var testServers: { servers: Servers; dataDir: string } | undefined;
}

/** Starts a real Redis and a real mongod, or takes those of REDIS_URL and MONGODB_URI; a missing one fails the run. */
export default async function setUp(): Promise<void> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'insightcrm-test-'));
  const servers = await startServers({
    root: path.resolve(__dirname, '..'),
    dataDir,
    log: (line) => {
      console.log(line);
    },
  });
  globalThis.testServers = { servers, dataDir };
  process.env.TEST_REDIS_URL = servers.redisUrl;
  process.env.TEST_MONGODB_URI = servers.mongodbUri;
}
