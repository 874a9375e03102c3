import type { AdminVisitor } from '../auth/admin-visitor';
import { errorGroup } from '../queue/dead-letters/error-group';
import { maskedError } from '../queue/dead-letters/masked-error';

/** Why a job failed, as this visitor may read it: what it quotes may be what was written, and is for admins. */
export function shownError<E extends string | null>(error: E, { role }: Pick<AdminVisitor, 'role'>) {
  if (error === null || role === 'admin') return error;
  return role === 'viewer' ? errorGroup(error) : maskedError(error);
}
