import type { Queue } from 'bullmq';

/** A worker's connection, as Redis sees it. */
export interface QueueWorker {
  id: string;
  /** What the worker calls itself, if anything. */
  name: string | null;
  address: string;
  ageSeconds: number;
  idleSeconds: number;
}

const NAME_MARK = ':w:';

/** The workers connected to a queue, of any process: BullMQ names the connection on which each waits for jobs. */
export async function workersOf(queue: Queue): Promise<QueueWorker[]> {
  const clients = await queue.getWorkers();
  return clients.map(({ id = '', rawname = '', addr = '', age, idle }) => {
    const mark = rawname.indexOf(NAME_MARK);
    return {
      id,
      name: mark < 0 ? null : rawname.slice(mark + NAME_MARK.length),
      address: addr,
      ageSeconds: Number(age ?? 0),
      idleSeconds: Number(idle ?? 0),
    };
  });
}
