import { createHash, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import passport from 'passport';
import { Environment } from '../config/environment';
import type { AdminRole } from './admin-role';
import { BasicLimit } from './basic-limit';
import { KeysUnavailable } from './keys-unavailable';
import { adminRoleOf, type Principal } from './principal';

/** Whom a password or a token shows. */
export interface KnownVisitor {
  userId: string;
  /** Of the token; null for an account, which has none. */
  tenantId: string | null;
  /** Undefined for the holder of a valid token that has nothing to do with the running of the service. */
  role: AdminRole | undefined;
}

/** Knows people and machines by the password of an account, or by a Bearer token. Any role can: it asks no server. */
@Injectable()
export class AdminCredentials {
  constructor(
    private readonly environment: Environment,
    private readonly limit: BasicLimit,
  ) {}

  /**
   * @param authorization the header, in whatever form
   * @param address where it comes from
   * @returns undefined for what is not valid
   * @throws TooManyFailures for an address that guesses passwords
   */
  async of(authorization: string, address: string): Promise<KnownVisitor | undefined> {
    const [scheme = '', credentials = ''] = authorization.split(' ', 2);
    if (scheme.toLowerCase() === 'bearer') return this.ofToken(credentials);
    if (scheme.toLowerCase() !== 'basic') return undefined;
    const [, user = '', password = ''] =
      /^([^:]*):(.*)$/s.exec(Buffer.from(credentials, 'base64').toString()) ?? [];
    await this.limit.check(address);
    const visitor = this.ofAccount(user, password);
    if (!visitor) await this.limit.failed(address);
    return visitor;
  }

  /** All accounts are compared, in the same time whoever it is. */
  ofAccount(user: string, password: string): (KnownVisitor & { role: AdminRole }) | undefined {
    const given = `${user}:${password}`;
    const [account] = this.environment.admin.accounts.filter((one) =>
      equal(given, `${one.user}:${one.password}`),
    );
    return account && { userId: account.user, tenantId: null, role: account.role };
  }

  /** @returns undefined when the token is not valid, or there is no key to tell */
  async ofToken(token: string): Promise<KnownVisitor | undefined> {
    if (!this.environment.jwt) return undefined;
    const holder = await holderOf(token);
    return holder && { userId: holder.userId, tenantId: holder.tenantId, role: adminRoleOf(holder) };
  }
}

/** Hashes first: the comparison takes the same time whatever the lengths. */
function equal(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** @returns undefined when the token is not valid @throws KeysUnavailable */
function holderOf(token: string): Promise<Principal | undefined> {
  return new Promise((resolve, reject) => {
    const decide = (error: Error | null, principal?: Principal | false, why?: unknown) => {
      if (error) reject(error);
      else if (why instanceof KeysUnavailable) reject(why);
      else resolve(principal || undefined);
    };
    (passport.authenticate('jwt', { session: false }, decide) as (...args: unknown[]) => void)(
      { headers: { authorization: `Bearer ${token}` } },
      {},
      decide,
    );
  });
}
