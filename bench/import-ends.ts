import { Redis } from 'ioredis';

const CHANNEL = 'customer.events';
const PATIENCE_MS = 600_000;

interface ImportEvent {
  type: string;
  data: { importId: string };
}

/** Subscribed when it is returned. `all` settles when so many imports are over, without asking the service meanwhile. */
export async function watchImports(redisUrl: string, count: number): Promise<{ all: Promise<void> }> {
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
  await redis.subscribe(CHANNEL);
  const ended = new Set<string>();
  const all = new Promise<void>((resolve, reject) => {
    const patience = setTimeout(() => {
      reject(new Error(`${ended.size} of ${count} imports ended in ${PATIENCE_MS / 1_000} s`));
    }, PATIENCE_MS);
    redis.on('message', (_, message: string) => {
      const { type, data } = JSON.parse(message) as ImportEvent;
      if (type === 'customer.import.failed') reject(new Error(`An import failed: ${message}`));
      // Told twice where a worker told it again.
      if (type === 'customer.import.completed') ended.add(data.importId);
      if (ended.size < count) return;
      clearTimeout(patience);
      resolve();
    });
  });
  return {
    all: all.finally(() => {
      redis.disconnect();
    }),
  };
}
