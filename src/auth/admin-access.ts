import { createHash, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import passport from 'passport';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Environment } from '../config/environment';
import { mayOperate, type Principal } from './principal';

/** Who is on an admin page: the user of the password, or of the token. */
export interface AdminVisitor {
  userId: string;
  tenantId: string | null;
}

/** Lets people into `/admin/**`: HTTP Basic with the admin password, or the Bearer token of an operator or admin. */
@Injectable()
export class AdminAccess {
  constructor(private readonly environment: Environment) {}

  /** For a Fastify `onRequest` hook; answers 401 itself when the caller may not enter. @returns who may */
  async check(request: FastifyRequest, reply: FastifyReply): Promise<AdminVisitor | undefined> {
    const [scheme = '', credentials = ''] = (request.headers.authorization ?? '').split(' ', 2);
    if (scheme.toLowerCase() === 'basic' && this.isAdmin(credentials))
      return { userId: this.environment.admin.user, tenantId: null };
    const operator = scheme.toLowerCase() === 'bearer' ? await operatorOf(request) : undefined;
    if (operator) return { userId: operator.userId, tenantId: operator.tenantId };
    await reply
      .status(401)
      .header('www-authenticate', 'Basic realm="InsightCRM admin", charset="UTF-8"')
      .type('text/plain; charset=utf-8')
      .send(
        this.environment.admin.password === undefined
          ? 'Admin pages are closed: set ADMIN_PASSWORD.\n'
          : 'Sign in.\n',
      );
    return undefined;
  }

  private isAdmin(credentials: string): boolean {
    const { user, password } = this.environment.admin;
    if (password === undefined) return false;
    return equal(Buffer.from(credentials, 'base64').toString(), `${user}:${password}`);
  }
}

/** Hashes first: the comparison takes the same time whatever the lengths. */
function equal(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** @returns undefined when the token is not valid, or lacks the role */
function operatorOf(request: FastifyRequest): Promise<Principal | undefined> {
  return new Promise((resolve, reject) => {
    const decide = (error: Error | null, principal?: Principal | false) => {
      if (error) reject(error);
      else resolve(principal && mayOperate(principal) ? principal : undefined);
    };
    (passport.authenticate('jwt', { session: false }, decide) as (...args: unknown[]) => void)(
      request,
      {},
      decide,
    );
  });
}
