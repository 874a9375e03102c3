import { audit } from './audit.ts';
import type { Servers } from './cluster/servers.ts';
import type { Form, Scenario } from './scenario.ts';
import { Stage } from './stage.ts';
import { until } from './until.ts';

/** One line of the table, and what there is to say beside it. */
export interface Outcome {
  name: string;
  title: string;
  /** Single writes and rows of files that were answered 202. */
  accepted: number;
  applied: number;
  lost: number;
  twice: number;
  slowestRecoveryMs: number | undefined;
  tookMs: number;
  /** Promises that were broken; lost and doubled writes among them, by example. */
  problems: string[];
  notes: string[];
}

export interface Theatre {
  root: string;
  dataDir: string;
  servers: Servers;
  form: Form;
  log: (line: string) => void;
}

interface QueueCounts {
  pending: number;
  active: number;
  delayed: number;
  prioritized: number;
  failed: number;
}

interface ImportView {
  status: string;
  counts: { rows: number; processed: number; created: number };
}

const DRAIN_MS = 600_000;
/** A queue in which nothing moves for so long is stuck, whatever it has; a retry may wait for two minutes. */
const STUCK_MS = 150_000;
const READ_MS = 20_000;

export const isGood = ({ lost, twice, problems }: Outcome): boolean =>
  lost === 0 && twice === 0 && problems.length === 0;

/** Plays one scenario and compares MongoDB with what was accepted. What breaks while it plays is in the outcome. */
export async function perform(scenario: Scenario, theatre: Theatre): Promise<Outcome> {
  const startedAt = performance.now();
  const { name } = scenario;
  await Promise.all([theatre.servers.redis.restore(), theatre.servers.mongo.restore()]);
  const stage = await Stage.set({ ...theatre, name, cast: scenario.cast?.(theatre.form) ?? {} });
  const books = { applied: 0, lost: 0, twice: 0 };
  try {
    await stage.ready();
    await played(stage, () => scenario.run(stage));
    await Promise.all([theatre.servers.redis.restore(), theatre.servers.mongo.restore()]);
    await played(stage, () => stage.settle());
    await played(stage, () => drained(stage, scenario.deadLetters ?? 0));
    for (const { importId, rows } of stage.ledger.imports)
      await played(stage, () => importIsWhole(stage, importId, rows, scenario.losesEvents ?? false));
    const { examples, ...found } = await audit(stage.db, stage.tenantId, stage.ledger);
    Object.assign(books, found);
    stage.problems.push(...examples);
    if (stage.attempts.hung > 0) stage.problems.push(`${stage.attempts.hung} requests had no answer in 5 s`);
  } catch (error) {
    stage.problems.push(messageOf(error));
  } finally {
    await stage.strike();
  }
  return {
    name,
    title: scenario.title(theatre.form),
    accepted: stage.ledger.accepted,
    ...books,
    twice: books.twice + stage.twice,
    slowestRecoveryMs: stage.recoveriesMs.length > 0 ? Math.max(...stage.recoveriesMs) : undefined,
    tookMs: performance.now() - startedAt,
    problems: stage.problems,
    notes: [...stage.notes, answersOf(stage)],
  };
}

/** A part that breaks is told, and the books are done all the same. */
async function played(stage: Stage, part: () => Promise<void>): Promise<void> {
  try {
    await part();
  } catch (error) {
    stage.problems.push(messageOf(error));
  }
}

/** Settles when no job is left to do. Dead letters stay: there must be exactly those that the scenario makes. */
async function drained(stage: Stage, deadLetters: number): Promise<void> {
  let last = '';
  let changedAt = performance.now();
  const counts = await until(
    'the queue to drain',
    async () => {
      const stats = (await stage.client.read('/api/queue/stats')) as Record<string, QueueCounts> | undefined;
      const now = stats?.['customer.jobs'];
      if (!now) return undefined;
      const text = JSON.stringify(now);
      if (text !== last) [last, changedAt] = [text, performance.now()];
      if (performance.now() - changedAt > STUCK_MS) throw new Error(`the queue is stuck: ${text}`);
      return now.pending + now.active + now.delayed + now.prioritized === 0 ? now : undefined;
    },
    { timeoutMs: DRAIN_MS, everyMs: 200 },
  );
  if (counts.failed !== deadLetters) {
    stage.problems.push(`${counts.failed} dead letters, where there must be ${deadLetters}`);
  }
}

/** The import's own record adds up, and its end was told under one id. */
async function importIsWhole(stage: Stage, importId: string, rows: number, losesEvents: boolean) {
  const path = `/api/customer/imports/${importId}`;
  const read = async () => (await stage.client.read(path)) as ImportView | undefined;
  const { status, counts } = await until(`import ${importId} to be read`, read, { timeoutMs: READ_MS });
  const isWhole = [counts.rows, counts.processed, counts.created].every((count) => count === rows);
  if (status !== 'completed' || !isWhole)
    stage.problems.push(`import ${importId} of ${rows} rows is ${status} with ${JSON.stringify(counts)}`);
  const ends = stage.pulse.completedImports.get(importId)?.size ?? 0;
  if (ends > 1 || (ends === 0 && !losesEvents))
    stage.problems.push(
      `import ${importId}: ${ends} ids of customer.import.completed, where there must be 1`,
    );
}

function answersOf({ attempts }: Stage): string {
  const byStatus = [...attempts.answers].sort(([a], [b]) => a - b);
  const counts = byStatus.map(([status, count]) => `${count} × ${status === 0 ? 'no answer' : status}`);
  const slowest = attempts.slowest503Ms > 0 ? `, slowest 503 in ${Math.round(attempts.slowest503Ms)} ms` : '';
  return `answers: ${counts.join(', ')}${slowest}`;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
