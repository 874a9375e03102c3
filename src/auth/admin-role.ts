/**
 * Who may do what on the admin pages, each what the one before may too: a `viewer` looks, an `operator` repairs queues
 * and imports, an `admin` sees the personal data of payloads.
 */
export const ADMIN_ROLES = ['viewer', 'operator', 'admin'] as const;
export type AdminRole = (typeof ADMIN_ROLES)[number];

export const hasRole = (role: AdminRole, needed: AdminRole): boolean =>
  ADMIN_ROLES.indexOf(role) >= ADMIN_ROLES.indexOf(needed);
