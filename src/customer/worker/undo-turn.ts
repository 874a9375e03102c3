import { Injectable } from '@nestjs/common';
import type { ImportRecord } from '../import/import-record';
import { UndoRecords } from '../import/undo/undo-records';
import type { Undo } from '../import/undo/undo-state';
import type { Touched } from '../import/undo/undo-writer';
import { customerLane, emailLane, tenantLane } from '../jobs/customer-lanes';
import { JobTurns, WriteAhead } from './job-turns';

/** Of an undo that waits for an import, the first chunks look again soon, and the others later. */
const LOOK_MS = 250;
const LOOK_LATER_MS = 20;
const MAX_LOOK_MS = 15_000;

/** Lets a chunk be undone when all that was accepted before the undo, and that it must not overtake, has ended. */
@Injectable()
export class UndoTurn {
  constructor(
    private readonly turns: JobTurns,
    private readonly undos: UndoRecords,
  ) {}

  /**
   * What other imports wrote must be there, to be seen as written since.
   * @throws WriteAhead
   */
  async afterImports(record: ImportRecord, { status, order }: Undo, chunk: number): Promise<void> {
    // From then on, none comes that was accepted before.
    if (status !== 'queued') return;
    const ahead = await this.undos.ahead(record, order);
    if (ahead === undefined) return;
    throw new WriteAhead(ahead, Date.now() + Math.min(LOOK_MS + chunk * LOOK_LATER_MS, MAX_LOOK_MS));
  }

  /** @throws WriteAhead */
  async afterWrites(tenantId: string, { order }: Undo, find: () => Promise<Touched>): Promise<void> {
    // Single writes go before imports, so there is nearly never one left.
    if ((await this.turns.ahead(order, [tenantLane(tenantId)])) === undefined) return;
    const { created, changed } = await find();
    const lanes = [...created, ...changed].flatMap(({ _id, email }) => [
      customerLane(tenantId, _id),
      // Who asked for an email before it is free is refused it first.
      emailLane(tenantId, email),
    ]);
    await this.turns.clear(order, lanes);
  }
}
