import { mkdir, readFile, realpath } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type DataHolder, launch, type Launched } from './launch.ts';
import { askMongo, becomePrimary, REPLICA_SET } from './replica-set.ts';

/** Starts a mongod as a replica set of one, which transactions and change streams need. */
export async function startMongo(root: string, command: string, dataDir: string): Promise<Launched> {
  await mkdir(join(dataDir, 'mongo'), { recursive: true });
  const folder = await realpath(join(dataDir, 'mongo'));
  const launched = await launch({
    name: 'MongoDB',
    root,
    command,
    dataDir: folder,
    logFile: join(dataDir, 'mongo.log'),
    portTaken: /Address already in use/i,
    dataHolder: (log) => dataHolder(log, folder),
    isReady: async (port) => (await isListening(port)) && (await isOurs(port, folder)),
    args: (port) => mongodArguments(port, folder),
  });
  try {
    await becomePrimary(launched.port);
  } catch (error) {
    await launched.child.stop();
    throw error;
  }
  return launched;
}

/** How our mongod is started: a replica set of one. */
export const mongodArguments = (port: number, folder: string): string[] => [
  ...['--dbpath', folder, '--port', String(port), '--bind_ip', '127.0.0.1', '--replSet', REPLICA_SET],
  // A machine of a developer has other uses for half its memory and 5 % of its disk.
  ...['--wiredTigerCacheSizeGB', '1', '--oplogSize', '256', '--nounixsocket', '--quiet'],
];

/** The driver waits half a second between attempts; a bare connection tells sooner that there is somebody. */
function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

async function isOurs(port: number, folder: string): Promise<boolean> {
  const options = await askMongo(port, (client) => client.db('admin').command({ getCmdLineOpts: 1 })).catch(
    () => undefined,
  );
  const parsed = options?.['parsed'] as { storage?: { dbPath?: string } } | undefined;
  return parsed?.storage?.dbPath === folder;
}

async function dataHolder(log: string, folder: string): Promise<DataHolder | undefined> {
  if (!/DBPathInUse|Unable to lock the lock file/.test(log)) return undefined;
  const pid = Number(await readFile(join(folder, 'mongod.lock'), 'utf8').catch(() => '0'));
  return pid > 0 ? { pid } : {};
}
