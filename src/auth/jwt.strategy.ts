import { createSecretKey, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { Algorithm } from 'jsonwebtoken';
import { passportJwtSecret } from 'jwks-rsa';
import { ExtractJwt, Strategy, type StrategyOptionsWithRequest } from 'passport-jwt';
import { Environment, type JwtKey } from '../config/environment';
import { principalOf, type Principal } from './principal';
import { VerifiedTokens } from './verified-tokens';

type Request = Parameters<Strategy['authenticate']>[0];

const bearerToken = ExtractJwt.fromAuthHeaderAsBearerToken();

/** Checks a Bearer token's signature, times, issuer and audience; the algorithm follows from our key, never from the token. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  private readonly verified = new VerifiedTokens();

  constructor({ jwt }: Environment) {
    if (!jwt) throw new Error('Tokens can not be checked without a key');
    super({
      jwtFromRequest: bearerToken,
      passReqToCallback: true,
      ...verification(jwt.key),
      ...(jwt.issuer !== undefined && { issuer: jwt.issuer }),
      ...(jwt.audience !== undefined && { audience: jwt.audience }),
    } as unknown as StrategyOptionsWithRequest);
  }

  /** Passport's name for the check of a request; a token that was checked a moment ago is known. */
  override authenticate(request: Request, options?: object): void {
    const token = bearerToken(request);
    const principal = token === null ? undefined : this.verified.find(token);
    if (principal) this.success(principal);
    else super.authenticate(request, options);
  }

  /** Passport's name for what becomes `request.user`; null is a 401. */
  validate(request: Request, claims: Record<string, unknown>): Principal | null {
    const principal = principalOf(claims);
    const token = bearerToken(request);
    if (principal && token !== null) this.verified.keep(token, principal, claims);
    return principal ?? null;
  }
}

function verification(key: JwtKey): Partial<StrategyOptionsWithRequest> {
  switch (key.kind) {
    case 'secret':
      // A key object made once: jsonwebtoken would import the bytes anew for each request.
      return { secretOrKey: createSecretKey(Buffer.from(key.secret)) as never, algorithms: ['HS256'] };
    case 'publicKey':
      return { secretOrKey: key.key as never, algorithms: [algorithmOf(key.key)] };
    case 'jwks':
      return {
        secretOrKeyProvider: passportJwtSecret({
          jwksUri: key.uri,
          cache: true,
          rateLimit: true,
          timeout: 5_000,
        }),
        algorithms: ['RS256', 'ES256'],
      };
  }
}

const algorithmOf = (key: KeyObject): Algorithm => (key.asymmetricKeyType === 'ec' ? 'ES256' : 'RS256');
