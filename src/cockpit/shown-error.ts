import type { AdminVisitor } from '../auth/admin-visitor';
import { errorGroup } from '../queue/dead-letters/error-group';

/** Why a job failed, as this visitor may read it: for viewers without what it quotes, which may be what was written. */
export const shownError = <E extends string | null>(error: E, { role }: Pick<AdminVisitor, 'role'>) =>
  error === null || role !== 'viewer' ? error : errorGroup(error);
