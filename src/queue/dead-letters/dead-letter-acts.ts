import { randomUUID } from 'node:crypto';
import { Inject, Injectable, ServiceUnavailableException, type OnModuleDestroy } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { AuditLog, type Actor, type AuditedAct } from '../../audit/audit-log';
import { Environment } from '../../config/environment';
import { LOGGER, type Logger } from '../../logging/logger';
import { orUnavailable } from '../queue-unavailable';
import { ActHands } from './act-hands';
import { ActRun, type ApplyAct, type RunningAct } from './act-run';
import { ActStore, type Act, type Begun, type NewAct } from './act-store';
import { ActUnderWay } from './act-under-way';

export interface ActWish {
  /** `replay` where it is left out. */
  act?: Act | undefined;
  /** Undefined for all that are dead now. */
  jobIds?: readonly string[] | undefined;
  perSecond?: number | undefined;
  /** How it is written down, if not as what its own route does. */
  audited?: Pick<AuditedAct, 'action' | 'details'>;
}

export interface StartedAct {
  jobs: number;
  perSecond: number;
  /** Of the ids given, those that are no dead letters. */
  notFound: string[];
}

/** As many ids as a script takes at once, in some ms. */
const IDS_AT_ONCE = 1_000;

/** Replays or deletes dead letters at a rate, in the background of this process; what it has not come to when it stops stays dead. */
@Injectable()
export class DeadLetterActs implements OnModuleDestroy {
  private readonly stopping = new AbortController();
  private readonly running = new Set<Promise<void>>();

  private readonly apply: Record<Act, ApplyAct>;

  constructor(
    private readonly store: ActStore,
    private readonly audit: AuditLog,
    private readonly environment: Environment,
    @Inject(LOGGER) private readonly logger: Logger,
    hands: ActHands,
  ) {
    this.apply = hands.byAct;
  }

  /**
   * Begins an act, and does not wait for it.
   * @throws ActUnderWay while another one of the queue is running
   * @throws QueueUnavailable when Redis does not answer, or the audit log could not be written: no job was touched
   */
  async start(queue: Queue, wish: ActWish, actor: Actor): Promise<StartedAct> {
    if (this.stopping.signal.aborted) throw new ServiceUnavailableException('This process is stopping.');
    const perSecond = wish.perSecond ?? this.environment.deadLetters.replayPerSecond;
    const jobIds = wish.jobIds && [...new Set(wish.jobIds)];
    const act = wish.act ?? 'replay';
    const running = { queue, token: randomUUID(), perSecond };
    const begun = await orUnavailable(this.begin(queue, { act, ...running, by: actor.userId, jobIds }));
    if (!begun) throw new ActUnderWay(await this.secondsLeft(queue));
    await this.write(running, { ...wish, jobIds }, begun, actor);
    if (begun.total > 0) this.run(running, act);
    return { jobs: begun.total, perSecond, notFound: begun.notFound };
  }

  /** Stops the act that is running after its step, in whatever process it is. @returns false when none is */
  async cancel(queue: Queue, actor: Actor): Promise<boolean> {
    const progress = await orUnavailable(this.store.read(queue));
    if (progress?.status !== 'running') return false;
    await this.audit.record(actor, {
      action: 'dead-letter.cancel',
      queue: queue.name,
      details: { act: progress.act },
    });
    return orUnavailable(this.store.cancel(queue));
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.running);
  }

  /** Many ids come in pieces: one script over all of them would hold up Redis. */
  private async begin(queue: Queue, { jobIds, ...wish }: NewAct): Promise<Begun | undefined> {
    const begun = await this.store.begin(queue, { ...wish, jobIds: jobIds?.slice(0, IDS_AT_ONCE) });
    if (!begun || begun.total === 0) return begun;
    let { total } = begun;
    for (let first = IDS_AT_ONCE; first < (jobIds?.length ?? 0); first += IDS_AT_ONCE) {
      const more = await this.store.extend(
        queue,
        wish.token,
        jobIds?.slice(first, first + IDS_AT_ONCE) ?? [],
      );
      if (more === undefined) break;
      total = more;
    }
    return { ...begun, total };
  }

  private run(act: RunningAct, kind: Act): void {
    const run = new ActRun(act, this.store, this.apply[kind], this.logger)
      .run(this.stopping.signal)
      .catch((error: unknown) => {
        // Its lease runs out; what is left stays dead.
        this.logger.warn(
          { error: String(error), queue: act.queue.name },
          'An act on dead letters was not ended',
        );
      })
      .finally(() => this.running.delete(run));
    this.running.add(run);
  }

  /** Before the first job. */
  private async write({ queue, token, perSecond }: RunningAct, wish: ActWish, begun: Begun, actor: Actor) {
    const missing = new Set(begun.notFound);
    const act: AuditedAct = {
      action: wish.audited?.action ?? (wish.jobIds ? 'dead-letter.retry' : 'dead-letter.retry-all'),
      queue: queue.name,
      ...(wish.jobIds && !wish.audited
        ? { jobIds: wish.jobIds.filter((id) => !missing.has(id)) }
        : { count: begun.total }),
      details: { ...wish.audited?.details, perSecond },
    };
    try {
      await this.audit.record(actor, act);
    } catch (error) {
      await this.store.end(queue, token, 'interrupted').catch((fault: unknown) => {
        this.logger.warn(
          { error: String(fault), queue: queue.name },
          'An act on dead letters was not taken back',
        );
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
