import { Inject, Injectable } from '@nestjs/common';
import { Environment } from '../../config/environment';
import { LOGGER, type Logger } from '../../logging/logger';
import { orUnavailable, mayBeDone } from '../../queue/queue-unavailable';
import type { ImportChunk, Origin } from '../jobs/customer.jobs';
import { ChunkQueue } from '../jobs/chunk.queue';
import type { Placement } from '../jobs/placement';
import { ArrivingChunks } from './arriving-chunks';
import { CountedBytes } from './counted-bytes';
import type { ColumnMapping } from './csv/column-mapping';
import { mapColumns } from './csv/columns';
import type { CsvLayout } from './csv/csv-layout';
import type { Encoding } from './csv/decoded-text';
import { readCsv } from './csv/read-csv';
import { ImportArrivals } from './import-arrivals';
import type { DuplicateRule, NewImport } from './import-record';
import { isOver } from './import-records';
import type { IncomingFile } from './incoming-file';
import { sizesOf } from './undo/chunk-sizes';
import { UploadTurns } from './upload-turns';

export interface AcceptedImport {
  importId: string;
  rows: number;
  /** Of the CSV, uncompressed. */
  bytes: number;
}

export interface ImportSettings {
  onDuplicate: DuplicateRule;
  dryRun: boolean;
  mapping: ColumnMapping;
  placement: Placement;
}

interface ReadFile extends CsvLayout {
  encoding: Encoding;
  chunks: ImportChunk[];
  rows: number;
  bytes: number;
}

/** What is done with a chunk of the file; its number is its place in the file. */
type Keep = (chunk: number, bytes: Buffer) => Promise<void>;

/**
 * Takes a CSV file in: finds record boundaries, compresses chunk by chunk into Redis while the file arrives, and
 * queues all chunks when it has arrived whole. Rows are not looked at here; the workers do. What is refused leaves no
 * job, no record and no chunk; where it is not known whether the jobs are there, all is kept for a day, so that they
 * find their chunks.
 */
@Injectable()
export class ImportIntake {
  constructor(
    private readonly arrivals: ImportArrivals,
    private readonly queue: ChunkQueue,
    private readonly turns: UploadTurns,
    private readonly environment: Environment,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * @throws CsvRefused when the file can't be imported
   * @throws UploadRefused when it is too large or was cut off
   * @throws QueueUnavailable
   */
  async accept(incoming: IncomingFile, origin: Origin, settings: ImportSettings): Promise<AcceptedImport> {
    await this.queue.refuseWhenFull();
    const known = incoming.isRepeat ? await orUnavailable(this.arrivals.registered(incoming.id)) : undefined;
    if (!known) return this.takeIn(incoming, origin, settings);
    // Stored before, as a whole: read again for its hash and its chunks' places, and nothing is written over.
    const { chunks, rows, bytes } = await this.read(incoming, origin, settings, () => Promise.resolve());
    await incoming.arrived();
    const { placement } = settings;
    if (isOver(known.status)) await orUnavailable(this.arrivals.confirm(known, placement.delayMs));
    // Jobs that are there stay as they are; one that was done and is gone finds its chunk settled.
    else
      await this.queue.enqueue(known, chunks, placement, {
        after: (transaction, jobs) => {
          this.arrivals.confirmWith(transaction, known, placement.delayMs, jobs);
        },
      });
    return { importId: incoming.id, rows, bytes };
  }

  private async takeIn(
    incoming: IncomingFile,
    origin: Origin,
    settings: ImportSettings,
  ): Promise<AcceptedImport> {
    const arriving = new ArrivingChunks((chunk, bytes) =>
      orUnavailable(this.arrivals.storeChunk(incoming.id, chunk, bytes)),
    );
    let isStored = false;
    try {
      const file = await this.read(incoming, origin, settings, (_chunk, bytes) => arriving.add(bytes));
      await incoming.arrived();
      const last = await arriving.last();
      isStored = true;
      await this.queueUp(newImport(incoming.id, file, origin, settings), file.chunks, last, settings);
      return { importId: incoming.id, rows: file.rows, bytes: file.bytes };
    } catch (error) {
      const mayBeQueued = isStored && mayBeDone(error);
      if (!mayBeQueued) await this.undo(incoming, origin.tenantId, arriving.sent, error);
      throw error;
    }
  }

  /** Makes it an import, in one transaction: record, last chunk, jobs and confirmation, all of them or none. */
  private async queueUp(
    record: NewImport,
    chunks: ImportChunk[],
    last: Buffer,
    { placement }: ImportSettings,
  ): Promise<void> {
    await this.turns.next();
    await this.queue.enqueue(record, chunks, placement, {
      before: (transaction) => {
        this.arrivals.register(transaction, record, last);
      },
      after: (transaction, jobs) => {
        this.arrivals.confirmWith(transaction, record, placement.delayMs, jobs);
      },
    });
    // It is accepted: what fails from here on is no concern of the caller, and a worker does it once more.
    await this.arrivals.handOn(record).catch((error: unknown) => {
      const { importId, tenantId } = record;
      this.logger.warn(
        { err: error, importId, tenantId },
        'Webhooks and e-mails hear of an import only when it begins',
      );
    });
  }

  private async read(
    incoming: IncomingFile,
    origin: Origin,
    { mapping }: ImportSettings,
    keep: Keep,
  ): Promise<ReadFile> {
    const { maxBytes, maxRecordBytes } = this.environment.import;
    const counted = new CountedBytes(incoming.file, maxBytes, this.turns);
    const csv = await readCsv(counted, { maxRecordBytes });
    try {
      const { header, delimiter } = csv;
      const columns = mapColumns(header, mapping);
      const chunks: ImportChunk[] = [];
      let total = 0;
      for await (const { bytes, rows, firstLine, firstRow } of csv.chunks) {
        await keep(chunks.length, bytes);
        total += rows;
        chunks.push({ ...origin, importId: incoming.id, chunk: chunks.length, firstLine, firstRow, rows });
      }
      const { encoding } = csv;
      return { header, columns, delimiter, encoding, chunks, rows: total, bytes: counted.bytes };
    } finally {
      await csv.chunks.return();
    }
  }

  private async undo(incoming: IncomingFile, tenantId: string, chunks: number, error: unknown) {
    if (!mayBeDone(error)) {
      await this.discard(incoming, tenantId, chunks);
      return;
    }
    // Redis does not answer, and the caller has waited for it long enough. A repeated request may be faster than what
    // is removed late, and writes over what is left.
    if (!incoming.canBeRepeated) void this.discard(incoming, tenantId, chunks);
  }

  /** The caller gets the first error; what could not be removed now goes with its time to live. */
  private async discard(incoming: IncomingFile, tenantId: string, chunks: number): Promise<void> {
    const { id: importId } = incoming;
    try {
      if (await incoming.isOurs()) await this.arrivals.discard(tenantId, importId, chunks);
    } catch (error) {
      this.logger.warn(
        { err: error, importId, tenantId },
        'A refused upload was not removed from Redis; it will expire',
      );
    }
  }
}

const newImport = (
  importId: string,
  { chunks, ...file }: ReadFile,
  origin: Origin,
  { onDuplicate, dryRun, placement: { delayMs } }: ImportSettings,
): NewImport => ({
  ...origin,
  ...file,
  onDuplicate,
  dryRun,
  importId,
  chunks: chunks.length,
  chunkSizes: sizesOf(chunks),
  delayMs,
});
