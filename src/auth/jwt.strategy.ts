import { createSecretKey, type KeyObject } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { Algorithm } from 'jsonwebtoken';
import {
  ExtractJwt,
  Strategy,
  type SecretOrKeyProvider,
  type StrategyOptionsWithRequest,
} from 'passport-jwt';
import { Environment, type JwtKey } from '../config/environment';
import type { KeySet } from './key-set';
import { principalOf, type Principal } from './principal';
import { remoteKeys } from './remote-keys';
import { tokenHeaderOf } from './token-header';
import { VerifiedTokens } from './verified-tokens';

type Request = Parameters<Strategy['authenticate']>[0];

/** Of those that a key set may hold keys for, these are ours. */
const KEY_SET_ALGORITHMS: Algorithm[] = ['RS256', 'ES256'];

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

  /** Whether the request shows a token that was checked a moment ago. */
  knows({ headers }: { headers: IncomingHttpHeaders }): boolean {
    const token = bearerToken({ headers } as Request);
    return token !== null && this.verified.find(token) !== undefined;
  }

  /** Passport's name for the check of a request; a token that was checked a moment ago is known. */
  override authenticate(request: Request, options?: object): void {
    const token = bearerToken(request);
    const principal = token === null ? undefined : this.verified.find(token);
    if (principal) this.success(principal);
    else if (token !== null && !tokenHeaderOf(token)) this.fail(401);
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
      return { secretOrKeyProvider: providerOf(remoteKeys(key.uri)), algorithms: KEY_SET_ALGORITHMS };
  }
}

const algorithmOf = (key: KeyObject): Algorithm => (key.asymmetricKeyType === 'ec' ? 'ES256' : 'RS256');

/** Looks up the key that a token names; what could not be valid with any key makes nobody ask for keys. */
const providerOf =
  (keys: KeySet): SecretOrKeyProvider =>
  (_request, token: string, done) => {
    const { alg, kid } = tokenHeaderOf(token) ?? {};
    const find = KEY_SET_ALGORITHMS.includes(alg as Algorithm) ? keys.find(kid) : Promise.resolve(undefined);
    find.then(
      (key) => {
        if (key) done(null, key as never);
        else done(new Error('No key of the set is meant'));
      },
      (error: unknown) => {
        done(error);
      },
    );
  };
