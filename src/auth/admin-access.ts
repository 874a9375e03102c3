import { createHash, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import passport from 'passport';
import type { FastifyRequest } from 'fastify';
import { Environment } from '../config/environment';
import type { AdminVisitor } from './admin-visitor';
import { adminRoleOf, type Principal } from './principal';
import { sessionIdOf } from './session/session-cookie';
import { Sessions } from './session/sessions';

/** Knows who comes to `/admin/**`: by HTTP Basic with an account's password, a Bearer token, or a session. */
@Injectable()
export class AdminAccess {
  constructor(
    private readonly environment: Environment,
    private readonly sessions: Sessions,
  ) {}

  /** Whether anybody can sign in with a password. */
  get hasAccounts(): boolean {
    return this.environment.admin.accounts.length > 0;
  }

  /** @returns undefined for all who may not enter @throws QueueUnavailable when a session can't be looked up */
  async visitorOf(request: FastifyRequest): Promise<AdminVisitor | undefined> {
    const { authorization } = request.headers;
    if (authorization === undefined) return this.ofSession(request);
    const [scheme = '', credentials = ''] = authorization.split(' ', 2);
    if (scheme.toLowerCase() === 'bearer') return this.ofToken(credentials);
    if (scheme.toLowerCase() !== 'basic') return undefined;
    const [, user = '', password = ''] =
      /^([^:]*):(.*)$/s.exec(Buffer.from(credentials, 'base64').toString()) ?? [];
    return this.ofAccount(user, password);
  }

  /** All accounts are compared, in the same time whoever it is. */
  ofAccount(user: string, password: string): AdminVisitor | undefined {
    const given = `${user}:${password}`;
    const [account] = this.environment.admin.accounts.filter((one) =>
      equal(given, `${one.user}:${one.password}`),
    );
    return account && { userId: account.user, tenantId: null, role: account.role };
  }

  /** @returns undefined when the token is not valid, or its roles are none of the admin pages */
  async ofToken(token: string): Promise<AdminVisitor | undefined> {
    const holder = await holderOf(token);
    const role = holder && adminRoleOf(holder);
    return role && { userId: holder.userId, tenantId: holder.tenantId, role };
  }

  private async ofSession(request: FastifyRequest): Promise<AdminVisitor | undefined> {
    const id = sessionIdOf(request);
    return id === undefined ? undefined : this.sessions.find(id);
  }
}

/** Hashes first: the comparison takes the same time whatever the lengths. */
function equal(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** @returns undefined when the token is not valid */
function holderOf(token: string): Promise<Principal | undefined> {
  return new Promise((resolve, reject) => {
    const decide = (error: Error | null, principal?: Principal | false) => {
      if (error) reject(error);
      else resolve(principal || undefined);
    };
    (passport.authenticate('jwt', { session: false }, decide) as (...args: unknown[]) => void)(
      { headers: { authorization: `Bearer ${token}` } },
      {},
      decide,
    );
  });
}
