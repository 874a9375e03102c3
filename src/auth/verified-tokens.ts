import type { Principal } from './principal';

/** Longest use of one verification, in ms: a key set may have dropped the token's key meanwhile. */
const MAX_AGE_MS = 60_000;
const MAX_TOKENS = 10_000;

interface VerifiedToken {
  principal: Principal;
  /** ms since 1970 */
  validUntil: number;
  validFrom: number;
}

/**
 * Tokens whose signature was checked a moment ago, so that a caller's next requests need no cryptography. Only what was
 * verified gets in; its times are looked at again each time.
 */
export class VerifiedTokens {
  private readonly tokens = new Map<string, VerifiedToken>();

  /** @returns undefined when the token must be verified, which also tells what is wrong with it */
  find(token: string, now = Date.now()): Principal | undefined {
    const verified = this.tokens.get(token);
    if (!verified) return undefined;
    if (verified.validFrom <= now && now < verified.validUntil) return verified.principal;
    this.tokens.delete(token);
    return undefined;
  }

  /** @param times the claims `exp` and `nbf`, in s */
  keep(token: string, principal: Principal, times: { exp?: unknown; nbf?: unknown }, now = Date.now()): void {
    const oldest = this.tokens.size < MAX_TOKENS ? undefined : this.tokens.keys().next().value;
    if (oldest !== undefined) this.tokens.delete(oldest);
    const { exp = Infinity, nbf = 0 } = times;
    this.tokens.set(token, {
      principal,
      validUntil: Math.min(Number(exp) * 1000, now + MAX_AGE_MS),
      // A clock that is set back must not lengthen it.
      validFrom: Math.max(Number(nbf) * 1000, now - MAX_AGE_MS),
    });
  }
}
