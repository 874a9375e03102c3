import type { Principal } from './principal';
import { VerifiedTokens } from './verified-tokens';

const ANA: Principal = { userId: 'ana', tenantId: 'acme', roles: ['user'] };
const NOW_S = 1_700_000_000;
const NOW = NOW_S * 1000;

describe('VerifiedTokens', () => {
  const keeping = (times: object) => {
    const tokens = new VerifiedTokens();
    tokens.keep('token', ANA, times, NOW);
    return (now: number) => tokens.find('token', now);
  };

  it('know whom a token is of', () => {
    expect(keeping({ exp: NOW_S + 30 })(NOW + 29_999)).toBe(ANA);
  });

  it('know no other token', () => {
    const tokens = new VerifiedTokens();
    tokens.keep('token', ANA, {}, NOW);

    expect(tokens.find('token.', NOW)).toBeUndefined();
  });

  it('forget a token that expires', () => {
    expect(keeping({ exp: NOW_S + 30 })(NOW + 30_000)).toBeUndefined();
  });

  it('do not know a token before it is valid, such as after the clock was set back', () => {
    expect(keeping({ nbf: NOW_S })(NOW - 1)).toBeUndefined();
  });

  it.each([60_000, -60_001])('forget a token without times too, when the clock went on by %i ms', (ms) => {
    expect(keeping({})(NOW + ms)).toBeUndefined();
  });

  it('drop the oldest when they are many', () => {
    const tokens = new VerifiedTokens();
    for (let n = 0; n <= 10_000; n++) tokens.keep(`token ${n}`, ANA, {}, NOW);

    expect([tokens.find('token 0', NOW), tokens.find('token 1', NOW)]).toEqual([undefined, ANA]);
  });
});
