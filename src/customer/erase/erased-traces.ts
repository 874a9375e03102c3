import { erasedEmail } from './erased-email';

/** By what an import's leftovers are told to be about people who were erased. */
export interface ErasedTraces {
  ids: ReadonlySet<string>;
  /** As `erasedEmail` has them. */
  emails: ReadonlySet<string>;
}

/** Whether one of the cells is an erased email, in any case and with spaces around it. */
export const hasErasedEmail = (
  cells: readonly string[],
  tenantId: string,
  { emails }: ErasedTraces,
): boolean => cells.some((cell) => cell.includes('@') && emails.has(erasedEmail(tenantId, cell)));
