import { Redis } from 'ioredis';
import type { Step } from '../model/histories';
import { closing } from './closing';
import { createDeliveries, type Deliveries } from './deliveries';
import { Requests, sequentially, type Result } from './requests';
import { Stores } from './stores';
import { createTestApp, type TestApp } from './test-app';
import { WaitList } from './wait-list';

/** What a history comes to when each write is done before the next is asked for. */
export const inTurn = (steps: Step[]): Result => sequentially(steps.map(({ write }) => write));

/** Lets clients of an API of its own ask for what a history says, and delivers the jobs as it says. */
export class Replay {
  private constructor(
    readonly api: TestApp,
    private readonly stores: Stores,
    private readonly redis: Redis,
    private readonly deliveries: Deliveries,
  ) {}

  static async start(): Promise<Replay> {
    const api = await createTestApp({ role: 'api' });
    const redis = new Redis(api.variables.REDIS_URL ?? '');
    return new Replay(api, await Stores.of(api), redis, await createDeliveries(api));
  }

  readonly close = closing(async () => {
    await this.deliveries.close();
    this.redis.disconnect();
    await this.stores.close();
    await this.api.close();
  });

  /** By one worker that takes one job at a time: the same steps are the same run again. */
  async byHand(steps: Step[]): Promise<Result> {
    const requests = new Requests(this.api.client());
    const { jobIds } = requests;
    await this.send(requests, steps, true);
    await this.deliveries.drain(new Set(twins(steps, jobIds, 'beside')));
    await this.deliverLateTwins(steps, jobIds);
    return requests.result();
  }

  /**
   * By workers that are running; second deliveries come from another one.
   * @param held whether jobs are held back until all are accepted, and then taken by their places
   */
  async byWorkers(steps: Step[], held: boolean): Promise<{ ended: Result; later: Result }> {
    const requests = new Requests(this.api.client());
    const { jobIds } = requests;
    await this.send(requests, steps, held);
    await Promise.all(twins(steps, jobIds, 'beside').map((jobId) => this.deliveries.deliver(jobId)));
    const ended = await requests.result();
    await this.deliverLateTwins(steps, jobIds);
    return { ended, later: await requests.result() };
  }

  private async send(requests: Requests, steps: Step[], held: boolean): Promise<void> {
    const waitList = new WaitList(this.stores.queue, this.redis);
    if (held) await waitList.hold();
    await requests.send(steps.map(({ write }) => write));
    if (held) await waitList.release(byPlace(steps, requests.jobIds));
  }

  private async deliverLateTwins(steps: Step[], jobIds: string[]): Promise<void> {
    for (const jobId of twins(steps, jobIds, 'late')) await this.deliveries.deliver(jobId);
  }
}

/** The order in which workers take the jobs of a history. */
const byPlace = (steps: Step[], jobIds: string[]): string[] =>
  steps
    .map(({ place }, index) => ({ place, jobId: jobIds[index] ?? '' }))
    .sort((a, b) => a.place - b.place)
    .map(({ jobId }) => jobId);

const twins = (steps: Step[], jobIds: string[], twin: Step['twin']): string[] =>
  jobIds.filter((_jobId, index) => steps[index]?.twin === twin);
