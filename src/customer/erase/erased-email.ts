import { hash } from 'node:crypto';

/**
 * An email of a tenant's customer who was erased, as a tombstone keeps it: enough to know it again in a file that was
 * accepted before. Whoever guesses the email can tell that it was there, so it goes with the tombstone.
 */
export const erasedEmail = (tenantId: string, email: string): string =>
  hash('sha256', `${tenantId}\n${email.trim().toLowerCase()}`, 'base64url');
