import { Inject, Injectable } from '@nestjs/common';
import { Environment } from '../../config/environment';
import { cloudEvent } from '../../events/customer-events';
import { EventPublisher } from '../../events/event-publisher';
import { LOGGER, type Logger } from '../../logging/logger';
import { AcceptanceOrder } from '../../queue/acceptance-order';
import { orUnavailable } from '../../queue/queue-unavailable';
import { newId } from '../customer-id';
import type { ImportChunk, Origin } from '../jobs/customer.jobs';
import { CustomerQueue, type Placement } from '../jobs/customer.queue';
import { encodeChunk } from './csv/chunk-codec';
import { mapColumns, type Columns } from './csv/columns';
import { readCsv } from './csv/read-csv';
import type { DuplicateRule } from './import-record';
import { ImportRecords } from './import-records';
import { UploadRefused } from './upload-refused';

export interface AcceptedImport {
  importId: string;
  rows: number;
  /** Of the CSV, uncompressed. */
  bytes: number;
}

interface StoredFile {
  columns: Columns;
  chunks: ImportChunk[];
  bytes: number;
}

/**
 * Takes a CSV file in: finds record boundaries, compresses chunk by chunk into Redis while the file arrives, and
 * queues all chunks when it has arrived whole. Rows are not looked at here; the workers do. Whatever goes wrong on
 * the way leaves no job, no record and no chunk.
 */
@Injectable()
export class ImportIntake {
  constructor(
    private readonly records: ImportRecords,
    private readonly queue: CustomerQueue,
    private readonly order: AcceptanceOrder,
    private readonly events: EventPublisher,
    private readonly environment: Environment,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * @throws CsvRefused when the file can't be imported
   * @throws UploadRefused when it is too large or was cut off
   * @throws QueueUnavailable
   */
  async accept(
    file: AsyncIterable<Buffer>,
    origin: Origin,
    onDuplicate: DuplicateRule,
    placement: Placement,
  ): Promise<AcceptedImport> {
    const importId = newId();
    let stored = 0;
    try {
      const { columns, chunks, bytes } = await this.store(
        file,
        importId,
        origin,
        placement.delayMs,
        () => stored++,
      );
      const rows = chunks.reduce((sum, chunk) => sum + chunk.rows, 0);
      await orUnavailable(
        this.register({
          importId,
          rows,
          bytes,
          chunks: chunks.length,
          columns,
          onDuplicate,
          origin,
          placement,
        }),
      );
      await this.queue.enqueueChunks(chunks, placement);
      return { importId, rows, bytes };
    } catch (error) {
      await this.discard(origin.tenantId, importId, stored);
      throw error;
    }
  }

  private async store(
    file: AsyncIterable<Buffer>,
    importId: string,
    origin: Origin,
    delayMs: number,
    onStore: () => void,
  ): Promise<StoredFile> {
    const { maxBytes, maxRecordBytes } = this.environment.import;
    const counted = new CountedBytes(file, maxBytes);
    const csv = await readCsv(counted, { maxRecordBytes });
    try {
      const columns = mapColumns(csv.header);
      const chunks: ImportChunk[] = [];
      for await (const { bytes, rows, firstLine, firstRow } of csv.chunks) {
        onStore();
        await orUnavailable(this.records.storeChunk(importId, chunks.length, encodeChunk(bytes), delayMs));
        chunks.push({ ...origin, importId, chunk: chunks.length, firstLine, firstRow, rows });
      }
      return { columns, chunks, bytes: counted.bytes };
    } finally {
      await csv.chunks.return();
    }
  }

  private async register({
    origin,
    placement,
    ...file
  }: StoredFileSummary & { origin: Origin; placement: Placement }): Promise<void> {
    const { importId, rows } = file;
    // Like a single write that is planned for later: it counts as accepted then.
    const order = (await this.order.reserve(rows)) + placement.delayMs * 1000;
    await this.records.create({ ...origin, ...file, order, delayMs: placement.delayMs });
    const context = {
      step: importId,
      subject: importId,
      tenantId: origin.tenantId,
      requestId: origin.requestId,
    };
    const data = { jobId: importId, userId: origin.userId, importId, counts: { rows, processed: 0 } };
    await this.events.publish(cloudEvent('customer.import.queued', context, data));
  }

  /** The caller gets the first error; what could not be removed now goes with its time to live. */
  private async discard(tenantId: string, importId: string, chunks: number): Promise<void> {
    try {
      await this.records.discard(tenantId, importId, chunks);
    } catch (error) {
      this.logger.warn(
        { err: error, importId, tenantId },
        'A refused upload was not removed from Redis; it will expire',
      );
    }
  }
}

interface StoredFileSummary {
  importId: string;
  rows: number;
  bytes: number;
  chunks: number;
  columns: Columns;
  onDuplicate: DuplicateRule;
}

/** Counts what passes, and stops at the limit. */
class CountedBytes implements AsyncIterable<Buffer> {
  bytes = 0;

  constructor(
    private readonly source: AsyncIterable<Buffer>,
    private readonly maxBytes: number,
  ) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    for await (const bytes of this.source) {
      this.bytes += bytes.length;
      if (this.bytes > this.maxBytes)
        throw new UploadRefused(413, `The file is larger than ${this.maxBytes} bytes.`);
      yield bytes;
    }
  }
}
