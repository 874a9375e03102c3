/** What the keys of a tenant's records begin with. */
export const recordsOf = (prefix: string, tenantId: string): string => `${prefix}:idempotency:${tenantId}:`;
