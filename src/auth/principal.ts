import { ADMIN_ROLES, type AdminRole } from './admin-role';

export const ROLES = ['user', 'viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Who is calling, as the token says. */
export interface Principal {
  userId: string;
  tenantId: string;
  roles: readonly Role[];
}

/** Longest `sub`, `tenantId`: both become parts of keys. */
const MAX_ID_LENGTH = 255;

/** Reads a verified token's claims. @returns undefined when one has the wrong form */
export function principalOf(claims: Record<string, unknown>): Principal | undefined {
  const { sub, tenantId = sub, roles = ['user'] } = claims;
  if (!isIdentifier(sub) || !isIdentifier(tenantId) || !Array.isArray(roles)) return undefined;
  return { userId: sub, tenantId, roles: ROLES.filter((role) => roles.includes(role)) };
}

const isIdentifier = (claim: unknown): claim is string =>
  // Control characters have no place in an id, and would reach logs and keys.
  typeof claim === 'string' && claim.length > 0 && claim.length <= MAX_ID_LENGTH && !/\p{Cc}/u.test(claim);

/** What the token's holder is on the admin pages; undefined for all but who watches or repairs. */
export const adminRoleOf = ({ roles }: Principal): AdminRole | undefined =>
  ADMIN_ROLES.findLast((role) => roles.includes(role));

/** Operators and admins watch and repair the queues. */
export const mayOperate = ({ roles }: Principal): boolean =>
  roles.includes('operator') || roles.includes('admin');
