import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const stackFile = z.object({
  apiUrl: z.string(),
  redisUrl: z.string(),
  mongodbUri: z.string(),
  pid: z.number(),
});

/** Where the parts of a running `npm start` are found by other commands. */
export type StackFile = z.infer<typeof stackFile>;

const pathOf = (dataDir: string) => join(dataDir, 'stack.json');

/** Connection strings may carry passwords, so the file is for its owner alone. */
export async function writeStackFile(dataDir: string, content: StackFile): Promise<void> {
  await removeStackFile(dataDir);
  await writeFile(pathOf(dataDir), `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
}

/** What runs in this folder; nothing when nothing does. */
export async function readStackFile(dataDir: string): Promise<StackFile | undefined> {
  try {
    return stackFile.parse(JSON.parse(await readFile(pathOf(dataDir), 'utf8')));
  } catch {
    return undefined;
  }
}

/** To be called when the stack has ended. */
export async function removeStackFile(dataDir: string): Promise<void> {
  await rm(pathOf(dataDir), { force: true });
}
