import { totalmem } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';

const RESOLUTION_MS = 10;
/** Looks of which the smallest heap counts: what is left when garbage was collected is what is in use. */
const HEAP_LOOKS = 3;

/** How short this process is of time and memory. */
@Injectable()
export class ProcessLoad implements OnModuleDestroy {
  private readonly heaps: number[] = [];
  private delays: ReturnType<typeof monitorEventLoopDelay> | undefined;

  start(): void {
    this.delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this.delays.enable();
  }

  onModuleDestroy(): void {
    this.delays?.disable();
  }

  /** Since the last look. @returns the p99 of how late the event loop was, and the share of memory as it is now */
  look(): { eventLoopDelayMs: number; memoryShare: number } {
    const p99Ms = (this.delays?.percentile(99) ?? 0) / 1e6;
    this.delays?.reset();
    return { eventLoopDelayMs: Math.max(0, p99Ms - RESOLUTION_MS), memoryShare: this.memoryShare() };
  }

  private memoryShare(): number {
    const { heapUsed, rss } = process.memoryUsage();
    this.heaps.push(heapUsed);
    if (this.heaps.length > HEAP_LOOKS) this.heaps.shift();
    const heapShare = Math.min(...this.heaps) / getHeapStatistics().heap_size_limit;
    // Without a container there is no limit, or one beyond all memory.
    const limit = process.constrainedMemory();
    return limit > 0 && limit <= totalmem() ? Math.max(heapShare, rss / limit) : heapShare;
  }
}
