import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Environment } from '../config/environment';
import { AdminCredentials, type KnownVisitor } from './admin-credentials';
import type { AdminVisitor } from './admin-visitor';
import { sessionIdOf } from './session/session-cookie';
import { Sessions } from './session/sessions';

/** Knows who comes to `/admin/**`: by HTTP Basic with an account's password, a Bearer token, or a session. */
@Injectable()
export class AdminAccess {
  constructor(
    private readonly environment: Environment,
    private readonly credentials: AdminCredentials,
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
    return withRole(await this.credentials.of(authorization, request.ip));
  }

  ofAccount(user: string, password: string): AdminVisitor | undefined {
    return this.credentials.ofAccount(user, password);
  }

  /** @returns undefined when the token is not valid, or its roles are none of the admin pages */
  async ofToken(token: string): Promise<AdminVisitor | undefined> {
    return withRole(await this.credentials.ofToken(token));
  }

  private async ofSession(request: FastifyRequest): Promise<AdminVisitor | undefined> {
    const id = sessionIdOf(request);
    return id === undefined ? undefined : this.sessions.find(id);
  }
}

const withRole = (known: KnownVisitor | undefined): AdminVisitor | undefined =>
  known?.role && { ...known, role: known.role };
