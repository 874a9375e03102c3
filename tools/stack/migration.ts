import { type Child, startChild } from './child.ts';
import { StackProblem } from './stack-problem.ts';

const STOP_GRACE_MS = 2_000;

/** Starts the built migration; what a person should see of it goes to our own terminal. */
export const startMigration = (root: string, migration: string, env: NodeJS.ProcessEnv): Child =>
  startChild({
    root,
    command: process.execPath,
    args: [migration],
    cwd: root,
    env: { ...env, LOG_LEVEL: 'warn' },
    output: 'inherit',
    stopGraceMs: STOP_GRACE_MS,
  });

/** Settles when the database has what this version needs: a worker waits for that. @throws StackProblem */
export async function migrated(migration: Child): Promise<void> {
  const exitCode = await migration.exited;
  if (exitCode !== 0) throw new StackProblem(`The migration of MongoDB ended with exit code ${exitCode}`);
}
