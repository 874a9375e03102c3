import { randomUUID } from 'node:crypto';
import { Inject, Injectable, ServiceUnavailableException, type OnModuleDestroy } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { AuditLog, type Actor, type AuditedAct } from '../../audit/audit-log';
import { Environment } from '../../config/environment';
import { LOGGER, type Logger } from '../../logging/logger';
import { orUnavailable } from '../queue-unavailable';
import { DeadLetterReviver } from './dead-letter-reviver';
import { ReplayRun, type ReplayOf } from './replay-run';
import { ReplayStore, type Begun } from './replay-store';
import { ReplayUnderWay } from './replay-under-way';

export interface ReplayWish {
  /** Undefined for all that are dead now. */
  jobIds?: readonly string[] | undefined;
  perSecond?: number | undefined;
  /** Where it was asked for, if not by its own route. */
  action?: AuditedAct['action'];
}

export interface StartedReplay {
  jobs: number;
  perSecond: number;
  /** Of the ids given, those that are no dead letters. */
  notFound: string[];
}

/** Replays dead letters at a rate, in the background of this process; what it has not come to when it stops stays dead. */
@Injectable()
export class DeadLetterReplay implements OnModuleDestroy {
  private readonly stopping = new AbortController();
  private readonly running = new Set<Promise<void>>();

  constructor(
    private readonly store: ReplayStore,
    private readonly reviver: DeadLetterReviver,
    private readonly audit: AuditLog,
    private readonly environment: Environment,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Begins a replay, and does not wait for it.
   * @throws ReplayUnderWay while another one of the queue is running
   * @throws QueueUnavailable when Redis does not answer, or the audit log could not be written: no job was touched
   */
  async start(queue: Queue, wish: ReplayWish, actor: Actor): Promise<StartedReplay> {
    if (this.stopping.signal.aborted) throw new ServiceUnavailableException('This process is stopping.');
    const perSecond = wish.perSecond ?? this.environment.deadLetters.replayPerSecond;
    const jobIds = wish.jobIds && [...new Set(wish.jobIds)];
    const replay = { queue, token: randomUUID(), perSecond };
    const begun = await orUnavailable(this.store.begin(queue, { ...replay, by: actor.userId, jobIds }));
    if (!begun) throw new ReplayUnderWay(await this.secondsLeft(queue));
    await this.write(replay, { ...wish, jobIds }, begun, actor);
    if (begun.total > 0) this.run(replay);
    return { jobs: begun.total, perSecond, notFound: begun.notFound };
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.running);
  }

  private run(replay: ReplayOf): void {
    const run = new ReplayRun(replay, this.store, this.reviver, this.logger)
      .run(this.stopping.signal)
      .catch((error: unknown) => {
        // Its lease runs out; what is left stays dead.
        this.logger.warn({ error: String(error), queue: replay.queue.name }, 'Replay was not ended');
      })
      .finally(() => this.running.delete(run));
    this.running.add(run);
  }

  /** Before the first job. */
  private async write({ queue, token, perSecond }: ReplayOf, wish: ReplayWish, begun: Begun, actor: Actor) {
    const missing = new Set(begun.notFound);
    const act: AuditedAct = {
      action: wish.action ?? (wish.jobIds ? 'dead-letter.retry' : 'dead-letter.retry-all'),
      queue: queue.name,
      ...(wish.jobIds ? { jobIds: wish.jobIds.filter((id) => !missing.has(id)) } : { count: begun.total }),
      details: { perSecond },
    };
    try {
      await this.audit.record(actor, act);
    } catch (error) {
      await this.store.end(queue, token, 'interrupted').catch((fault: unknown) => {
        this.logger.warn({ error: String(fault), queue: queue.name }, 'Replay was not taken back');
      });
      throw error;
    }
  }

  private async secondsLeft(queue: Queue): Promise<number> {
    const progress = await orUnavailable(this.store.read(queue));
    if (!progress) return 1;
    const { total, done, skipped, perSecond } = progress;
    return Math.max(1, Math.ceil((total - done - skipped) / perSecond));
  }
}
