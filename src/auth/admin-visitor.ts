import type { AdminRole } from './admin-role';

/** Who is on an admin page: the user of a password, or of a token. */
export interface AdminVisitor {
  userId: string;
  /** Of the token; null for an account, which has none. */
  tenantId: string | null;
  role: AdminRole;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set under `/admin` and where a session is let in, for who may enter. */
    visitor?: AdminVisitor | undefined;
  }
}
