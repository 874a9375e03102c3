import type { Redis } from 'ioredis';
import type { Socket } from 'node:net';
import type { RedisNode } from '../config/redis-server';
import { connectWitness, nameOf, type MasterWitnesses } from './redis-master';

/** How often the witnesses are asked while there are connections to a master, in ms. */
const LOOK_EVERY_MS = 500;

/** A witness on whose connection nothing comes back for so long is connected to anew, in ms. */
const SILENCE_MS = 1_000;

/** For news of another master to reach all witnesses, in ms: sentinels say hello to each other every 2 s. */
const NEWS_MS = 2_500;

interface Witness {
  node: RedisNode;
  redis: Redis;
}

/**
 * Leaves a master that was replaced, and still takes it for granted that it is one: sentinels tell it only 8 s and more
 * after they named another, and what it takes until then is lost. Who was named by more than half of them is believed.
 */
export class MasterWatch {
  private readonly held = new Map<Socket, { master: RedisNode; sinceMs: number }>();
  private asked: Witness[] = [];
  private named: { master: RedisNode; atMs: number } | undefined;

  /** @param nodes all witnesses: half of them is counted from these */
  constructor(
    private readonly witnesses: MasterWitnesses,
    private readonly nodes: RedisNode[],
  ) {}

  /** Whom a connection was just ended for. One witness that has not heard of it yet must not lead back. */
  get successor(): RedisNode | undefined {
    const { named } = this;
    return named && performance.now() - named.atMs < NEWS_MS ? named.master : undefined;
  }

  /** Looks, once it is connected, whether it is still the master, and destroys the stream when it is not. */
  hold(stream: Socket, master: RedisNode): void {
    stream.once('connect', () => {
      if (this.held.size === 0) this.begin();
      this.held.set(stream, { master, sinceMs: performance.now() });
    });
    stream.once('close', () => {
      if (this.held.delete(stream) && this.held.size === 0) this.end();
    });
  }

  private begin(): void {
    this.asked = this.nodes.map((node) => ({ node, redis: this.connect(node) }));
    this.lookLater(this.asked);
  }

  private end(): void {
    for (const { redis } of this.asked) redis.disconnect();
    this.asked = [];
  }

  private connect(node: RedisNode): Redis {
    // One that is away has no say; when all are, nothing is known to have changed.
    return connectWitness(this.witnesses, node, {
      ...{ enableOfflineQueue: false, autoResendUnfulfilledCommands: false },
      ...{ retryStrategy: () => LOOK_EVERY_MS, socketTimeout: SILENCE_MS },
    });
  }

  private lookLater(asked: Witness[]): void {
    setTimeout(() => {
      if (asked !== this.asked) return;
      void this.look(asked).then(() => {
        this.lookLater(asked);
      });
    }, LOOK_EVERY_MS).unref();
  }

  private async look(asked: Witness[]): Promise<void> {
    const master = await this.namedByMost(asked);
    if (!master) return;
    for (const [stream, { master: held, sinceMs }] of this.held) {
      // Found by asking one witness: it may know more than most do yet.
      if (nameOf(held) === nameOf(master) || performance.now() - sinceMs < NEWS_MS) continue;
      this.named = { master, atMs: performance.now() };
      stream.destroy(new Error(`${nameOf(held)} is not the master any longer: ${nameOf(master)} is`));
    }
  }

  private async namedByMost(asked: Witness[]): Promise<RedisNode | undefined> {
    const answers = await Promise.allSettled(asked.map(({ redis, node }) => this.witnesses.ask(redis, node)));
    const named = answers.flatMap((answer) =>
      answer.status === 'fulfilled' && answer.value.master ? [answer.value.master] : [],
    );
    const votes = [...Map.groupBy(named, nameOf).values()];
    return votes.find(({ length }) => 2 * length > this.nodes.length)?.[0];
  }
}
