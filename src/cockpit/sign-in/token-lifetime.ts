/** How long a token that was verified is still valid, in ms: a session of it lasts no longer. Infinity without a token or an end. */
export function lifetimeOf(token: string | undefined, nowMs: number): number {
  if (token === undefined) return Infinity;
  const [, claims = ''] = token.split('.');
  const { exp = Infinity } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { exp?: number };
  // Redis knows no time of 0, and no part of a millisecond, which times of tokens may have.
  return Math.max(1, Math.floor(exp * 1000 - nowMs));
}
