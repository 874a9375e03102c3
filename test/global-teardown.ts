import { rm } from 'node:fs/promises';

export default async function tearDown(): Promise<void> {
  if (!globalThis.testServers) return;
  const { servers, dataDir } = globalThis.testServers;
  await servers.stop();
  await rm(dataDir, { recursive: true, force: true });
}
