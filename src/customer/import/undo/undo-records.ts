import { Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Environment } from '../../../config/environment';
import { ImportKeys } from '../import-keys';
import type { ImportRecord, ImportRef } from '../import-record';
import { AHEAD_OF_UNDO, BEGIN_UNDO, MISSING_UNDO_JOBS, PREPARE_UNDO, SETTLE_UNDO } from './undo-scripts';
import type { UndoCounts } from './undo-state';

/** Imports of a tenant that are looked at for one that an undo has to wait for. */
const MOST_LOOKED_AT = 1_000;

/** What is known of undos: kept in the records of their imports. */
@Injectable()
export class UndoRecords {
  private readonly keys: ImportKeys;

  constructor(
    private readonly redis: Redis,
    private readonly environment: Environment,
  ) {
    this.keys = new ImportKeys(environment.redis.prefix);
  }

  /** Nobody is shown the undo yet. @param order its place, unless there is an undo already */
  async prepare({ tenantId, importId }: ImportRecord, order: number): Promise<void> {
    await this.redis.eval(PREPARE_UNDO, 1, this.keys.record(importId), tenantId, order);
  }

  /** How many of its jobs, by chunk, are neither there nor done. */
  async missing(importId: string, jobKeys: readonly string[]): Promise<number> {
    const keys = [this.keys.record(importId), this.keys.undone(importId), ...jobKeys];
    return Number(await this.redis.eval(MISSING_UNDO_JOBS, keys.length, ...keys));
  }

  /** Its jobs are queued, or one is at work. @returns false when nobody asked for it */
  async begin(
    { importId }: { importId: string },
    status: 'queued' | 'processing',
    jobs: number,
  ): Promise<boolean> {
    const args = [status, Date.now(), this.retentionMs(), jobs];
    return (await this.redis.eval(BEGIN_UNDO, 1, this.keys.record(importId), ...args)) === 1;
  }

  async isSettled(importId: string, chunk: number): Promise<boolean> {
    return (await this.redis.hget(this.keys.undone(importId), String(chunk))) === 'done';
  }

  /** @returns an import of the tenant that was accepted before, or is undone by then, and is not over */
  async ahead({ tenantId, importId }: ImportRecord, order: number): Promise<string | undefined> {
    const args = [this.keys.record(''), order, importId, MOST_LOOKED_AT];
    const ahead = await this.redis.eval(AHEAD_OF_UNDO, 1, this.keys.list(tenantId), ...args);
    return (ahead as string | null) ?? undefined;
  }

  /** Counts a chunk once, however often it is delivered. */
  async settle(
    undone: ImportRef,
    chunk: number,
    { removed, restored, conflicts }: UndoCounts,
  ): Promise<void> {
    await this.settleAs('done', undone, chunk, [removed, restored, conflicts]);
  }

  async fail(undone: ImportRef, chunk: number): Promise<void> {
    await this.settleAs('failed', undone, chunk, [0, 0, 0]);
  }

  private async settleAs(
    outcome: 'done' | 'failed',
    { tenantId, importId }: ImportRef,
    chunk: number,
    counts: number[],
  ) {
    const keys = [this.keys.record(importId), this.keys.undone(importId), this.keys.open(tenantId)];
    const args = [chunk, Date.now(), this.retentionMs(), outcome, ...counts, importId];
    await this.redis.eval(SETTLE_UNDO, keys.length, ...keys, ...args);
  }

  /** A chunk that failed is a dead letter, and needs the record when it is replayed. */
  private retentionMs(): number {
    const { import: imports, deadLetters } = this.environment;
    return Math.max(imports.retentionMs, deadLetters.retentionMs);
  }
}
