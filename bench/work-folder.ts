import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killAll } from '../test/chaos/cluster/children.ts';
import { stopWishes } from '../tools/stack/stop-signals.ts';

export interface WorkFolder {
  dataDir: string;
  /** Ends all child processes, and removes the folder. */
  cleanUp: () => Promise<void>;
}

/** A folder for servers and logs of one run; who interrupts the run has it cleaned up, too. */
export async function workFolder(name: string): Promise<WorkFolder> {
  const dataDir = await realpath(await mkdtemp(join(tmpdir(), `insightcrm-${name}-`)));
  const cleanUp = async () => {
    await killAll();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  };
  void stopWishes(process.env).first.then(async () => {
    await cleanUp();
    process.exit(130);
  });
  return { dataDir, cleanUp };
}
