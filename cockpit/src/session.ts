import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { AdminRole } from '../../src/auth/admin-role';
import { hasRole } from '../../src/auth/admin-role';
import type { AdminVisitor } from '../../src/auth/admin-visitor';

export interface Session {
  visitor: AdminVisitor;
  signOut: () => void;
}

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('Nobody is signed in');
  return session;
}

/** Whether the person may do what needs this role: what they may not do is not offered. */
export const useMay = (needed: AdminRole): boolean => hasRole(useSession().visitor.role, needed);
