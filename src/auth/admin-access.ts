import { createHash, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import passport from 'passport';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Environment } from '../config/environment';
import { mayOperate, type Principal } from './principal';

/** Lets people into `/admin/**`: HTTP Basic with the admin password, or the Bearer token of an operator or admin. */
@Injectable()
export class AdminAccess {
  constructor(private readonly environment: Environment) {}

  /** Fastify `onRequest` hook; answers 401 itself when the caller may not enter. */
  async check(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const [scheme = '', credentials = ''] = (request.headers.authorization ?? '').split(' ', 2);
    if (scheme.toLowerCase() === 'basic' && this.isAdmin(credentials)) return;
    if (scheme.toLowerCase() === 'bearer' && (await mayEnter(request))) return;
    await reply
      .status(401)
      .header('www-authenticate', 'Basic realm="InsightCRM admin", charset="UTF-8"')
      .type('text/plain; charset=utf-8')
      .send(
        this.environment.admin.password === undefined
          ? 'Admin pages are closed: set ADMIN_PASSWORD.\n'
          : 'Sign in.\n',
      );
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

function mayEnter(request: FastifyRequest): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const decide = (error: Error | null, principal?: Principal | false) => {
      if (error) reject(error);
      else resolve(principal ? mayOperate(principal) : false);
    };
    (passport.authenticate('jwt', { session: false }, decide) as (...args: unknown[]) => void)(
      request,
      {},
      decide,
    );
  });
}
