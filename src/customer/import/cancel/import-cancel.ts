import { ConflictException, Inject, Injectable } from '@nestjs/common';
import { EventPublisher } from '../../../events/event-publisher';
import { LOGGER, type Logger } from '../../../logging/logger';
import { orUnavailable } from '../../../queue/queue-unavailable';
import { ChunkQueue } from '../../jobs/chunk.queue';
import { importEnded } from '../import-events';
import type { ImportRecord } from '../import-record';
import { ImportRecords, isOver } from '../import-records';

/** Cancels imports: nothing more is begun of them. What is under way ends in the workers, which ask `ChunkGate`. */
@Injectable()
export class ImportCancel {
  constructor(
    private readonly records: ImportRecords,
    private readonly events: EventPublisher,
    private readonly queue: ChunkQueue,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Asked again, it answers the same.
   * @returns the import, over unless something of it is under way
   * @throws NotFoundException, ConflictException when it ended otherwise, QueueUnavailable
   */
  async cancel(tenantId: string, importId: string): Promise<ImportRecord> {
    const known = await this.records.get(tenantId, importId);
    await orUnavailable(this.records.cancel(known));
    const record = await this.records.get(tenantId, importId);
    if (!isOver(record.status)) return record;
    if (record.status !== 'cancelled') throw new ConflictException(`The import is over: ${record.status}.`);
    await this.end(record);
    return record;
  }

  /** It is cancelled in any case: a job that is left tells subscribers when it runs, and does nothing else. */
  private async end(record: ImportRecord): Promise<void> {
    const { importId, tenantId, chunks } = record;
    try {
      await this.events.publish(importEnded(record));
      await this.queue.remove(importId, chunks);
    } catch (error) {
      this.logger.warn({ err: error, importId, tenantId }, 'A cancelled import is left in the queue');
    }
  }
}
