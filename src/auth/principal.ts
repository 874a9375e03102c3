export const ROLES = ['user', 'operator', 'admin'] as const;
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

/** Operators and admins watch and repair the queues. */
export const mayOperate = ({ roles }: Principal): boolean =>
  roles.includes('operator') || roles.includes('admin');
