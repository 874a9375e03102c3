import type { RefusalReason } from '../customer-refused';
import type { AttributeValue } from '../customer.schema';
import type { UndoCounts } from '../import/undo/undo-state';
import type { JobVersions } from '../../queue/job-versions';

/** Stored in Redis: renaming it strands what is queued. */
export const CUSTOMER_QUEUE = 'customer.jobs';

/** Who asked, and when by the clock of the API: every payload carries it. */
export interface Origin {
  tenantId: string;
  userId: string;
  requestId: string;
  /** ms since 1970 */
  acceptedAt: number;
}

export interface CustomerRef extends Origin {
  customerId: string;
}

export interface DeleteCustomer extends CustomerRef {
  /** Everywhere and for good, not only for readers. */
  erase?: true;
}

export interface CreateCustomer extends CustomerRef {
  name: string;
  email: string;
  phone?: string;
  address?: string;
  tags?: string[];
  attributes?: Record<string, AttributeValue>;
}

/** `null` removes the field; of `attributes` only the keys that are named change. */
export interface UpdateCustomer extends CustomerRef {
  changes: {
    name?: string;
    email?: string;
    phone?: string | null;
    address?: string | null;
    tags?: string[] | null;
    attributes?: Record<string, AttributeValue | null> | null;
  };
}

export interface UpdateCustomerStats extends CustomerRef {
  spentCents: number;
  visits: number;
  /** ISO 8601 */
  at: string;
  /** The same one counts once for good; without it, the job counts once. */
  eventId?: string;
}

/** One chunk of an import; its bytes are kept apart, under the import's keys. */
export interface ImportChunk extends Origin {
  importId: string;
  /** 0-based */
  chunk: number;
  /** Physical line of the file on which the chunk starts; the header is line 1. */
  firstLine: number;
  /** 0-based index of the chunk's first row. */
  firstRow: number;
  rows: number;
}

/** Each chunk is a job of its own. */
export const chunkJobId = ({ importId, chunk }: Pick<ImportChunk, 'importId' | 'chunk'>): string =>
  `${importId}-${chunk}`;

/** One chunk of an import, to be undone. */
export interface UndoChunk extends Origin {
  importId: string;
  /** 0-based */
  chunk: number;
  /** 0-based index of the chunk's first row. */
  firstRow: number;
  rows: number;
}

export interface ChunkCounts {
  created: number;
  updated: number;
  unchanged: number;
  skipped: number;
  rejected: number;
}

/** The contract between API and workers. Names are stored in Redis: add, never rename. */
export interface CustomerJobs {
  CREATE_CUSTOMER: { payload: CreateCustomer; result: { customerId: string } };
  UPDATE_CUSTOMER: { payload: UpdateCustomer; result: { customerId: string } };
  DELETE_CUSTOMER: { payload: DeleteCustomer; result: { customerId: string; erased?: true } };
  UPDATE_CUSTOMER_STATS: { payload: UpdateCustomerStats; result: { customerId: string } };
  BULK_IMPORT_CUSTOMERS: { payload: ImportChunk; result: ChunkCounts };
  UNDO_IMPORT: { payload: UndoChunk; result: UndoCounts };
  /** Proves that a worker runs what the API enqueues: `POST /api/queue/test/job`. */
  TEST_QUEUE: { payload: Origin; result: { host: string; pid: number } };
}

/**
 * Which step of this contract a worker must know to do a job right. A change that a worker of today would do wrong, and
 * a new name, take the next step, one above all others here: an older worker then leaves the job to a newer one. What
 * else to mind is said in docs/operations.md. One row per job: a missing name does not compile.
 */
export const CUSTOMER_JOB_VERSIONS = {
  CREATE_CUSTOMER: 1,
  UPDATE_CUSTOMER: 1,
  DELETE_CUSTOMER: 1,
  UPDATE_CUSTOMER_STATS: 1,
  BULK_IMPORT_CUSTOMERS: 1,
  UNDO_IMPORT: 1,
  TEST_QUEUE: 1,
} as const satisfies JobVersions<keyof CustomerJobs>;

/** What a job comes to that can't be done with what is stored: an answer for who asked, and no failure of the queue. */
export interface Refused {
  refused: { reason: RefusalReason; message: string };
}

export type CustomerJobName = keyof CustomerJobs;
export type Payload<N extends CustomerJobName> = CustomerJobs[N]['payload'];
export type Result<N extends CustomerJobName> = CustomerJobs[N]['result'];
/** What BullMQ keeps of a job that ended: its result, or the answer that it can't be done. */
export type Outcome = Result<CustomerJobName> | Refused;

export const PRIORITIES = ['high', 'normal', 'low'] as const;
export type Priority = (typeof PRIORITIES)[number];

interface JobOptions {
  attempts: number;
  backoff: { type: 'exponential'; delay: number; jitter: number };
  /** Stacks kept with the job, of its last attempts. */
  stackTraceLimit: number;
  removeOnComplete: { age: number; count: number } | true;
}

const DAY = 24 * 3_600;

/**
 * Enough to be read by who asked, bounded for Redis. BullMQ trims the whole set by the options of the job that just
 * ended, so all jobs of the queue that it keeps must share one rule. Ages in seconds. A failed job is a dead letter: it is kept, and
 * src/queue/dead-letters bounds how many and for how long, and counts what goes.
 */
const retention = { removeOnComplete: { age: DAY, count: 20_000 } };
const persistent: JobOptions = {
  attempts: 10,
  backoff: { type: 'exponential', delay: 500, jitter: 0.5 },
  stackTraceLimit: 10,
  ...retention,
};

/** One row per job: a missing name, or a missing setting, does not compile. */
export const CUSTOMER_JOB_OPTIONS = {
  CREATE_CUSTOMER: persistent,
  UPDATE_CUSTOMER: persistent,
  DELETE_CUSTOMER: persistent,
  UPDATE_CUSTOMER_STATS: persistent,
  // An import has a record, and nobody asks for its jobs; `true` trims none of the others.
  BULK_IMPORT_CUSTOMERS: { ...persistent, removeOnComplete: true },
  UNDO_IMPORT: { ...persistent, removeOnComplete: true },
  TEST_QUEUE: { ...persistent, attempts: 1 },
} as const satisfies Record<CustomerJobName, JobOptions>;
