/** Longest token that is looked at; one with all claims of ours at their longest has less than half of it. */
export const MAX_TOKEN_LENGTH = 8_192;

/** What a token says of itself; nothing of it is verified. */
export interface TokenHeader {
  alg: unknown;
  kid: unknown;
}

/**
 * Reads what a token says of how it is to be checked.
 * @returns undefined for what is too long or no token, and for one with `crit`: it says that who does not understand
 * what is named there must not take it, and we understand nothing of it
 */
export function tokenHeaderOf(token: string): TokenHeader | undefined {
  if (token.length > MAX_TOKEN_LENGTH) return undefined;
  const header = parsed(token.slice(0, token.indexOf('.')));
  if (typeof header !== 'object' || header === null || 'crit' in header) return undefined;
  const { alg, kid } = header as Record<string, unknown>;
  return { alg, kid };
}

function parsed(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString());
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
