import { Injectable } from '@nestjs/common';
import type { ApplyAct } from './act-run';
import type { Act } from './act-store';
import { DeadLetterRemover } from './dead-letter-remover';
import { DeadLetterReviver } from './dead-letter-reviver';

/** How each act is done to one dead letter; one that died again since is left alone. */
@Injectable()
export class ActHands {
  readonly byAct: Record<Act, ApplyAct> = {
    replay: (queue, { jobId, failedAtMs }) => this.reviver.revive(queue, jobId, failedAtMs),
    delete: (queue, { jobId, failedAtMs }) => this.remover.remove(queue, jobId, failedAtMs),
  };

  constructor(
    private readonly reviver: DeadLetterReviver,
    private readonly remover: DeadLetterRemover,
  ) {}
}
