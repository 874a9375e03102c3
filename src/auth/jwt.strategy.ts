import { createSecretKey, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { Algorithm } from 'jsonwebtoken';
import { passportJwtSecret } from 'jwks-rsa';
import { ExtractJwt, Strategy, type StrategyOptionsWithoutRequest } from 'passport-jwt';
import { Environment, type JwtKey } from '../config/environment';
import { principalOf, type Principal } from './principal';

/** Checks a Bearer token's signature, times, issuer and audience; the algorithm follows from our key, never from the token. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor({ jwt }: Environment) {
    if (!jwt) throw new Error('The API role needs a key for tokens');
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      ...verification(jwt.key),
      ...(jwt.issuer !== undefined && { issuer: jwt.issuer }),
      ...(jwt.audience !== undefined && { audience: jwt.audience }),
    } as StrategyOptionsWithoutRequest);
  }

  /** Passport's name for what becomes `request.user`; null is a 401. */
  validate(claims: Record<string, unknown>): Principal | null {
    return principalOf(claims) ?? null;
  }
}

function verification(key: JwtKey): Partial<StrategyOptionsWithoutRequest> {
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
