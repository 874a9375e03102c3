import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Post,
  Req,
  Res,
  UnauthorizedException,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AdminAccess } from '../../auth/admin-access';
import type { AdminVisitor } from '../../auth/admin-visitor';
import { clearSessionCookie, sessionIdOf, setSessionCookie } from '../../auth/session/session-cookie';
import { Sessions } from '../../auth/session/sessions';
import { Environment } from '../../config/environment';
import { envelope, type Envelope } from '../../http/envelope';
import { LOGGER, type Logger } from '../../logging/logger';
import { SIGN_IN_PATH } from '../cockpit-paths';
import { CockpitRoutes } from '../visitor';
import { SignInLimit } from './sign-in-limit';
import { SignInDto } from './sign-in.dto';
import { lifetimeOf } from './token-lifetime';

/** People sign in once, and have a session from then on. */
@CockpitRoutes()
@Controller(SIGN_IN_PATH)
export class SignInController {
  constructor(
    private readonly access: AdminAccess,
    private readonly sessions: Sessions,
    private readonly limit: SignInLimit,
    private readonly environment: Environment,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Null for who is not signed in: a question, not a refusal. */
  @Get()
  who(@Req() { visitor }: FastifyRequest): Envelope<AdminVisitor | null> {
    return envelope('Who is signed in', visitor ?? null);
  }

  @Post()
  @HttpCode(200)
  async signIn(
    @Body() wish: SignInDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Envelope<AdminVisitor>> {
    await this.limit.begin(request.ip);
    const visitor = await this.visitorOf(wish);
    if (!visitor) {
      this.logger.warn({ requestId: request.id }, 'sign-in failed');
      // An address is personal data.
      this.logger.debug({ requestId: request.id, address: request.ip }, 'sign-in failed');
      throw new UnauthorizedException(
        wish.token === undefined ? 'The name or the password is wrong.' : 'The token is not valid here.',
      );
    }
    await this.limit.succeeded(request.ip);
    const ttlMs = Math.min(this.environment.admin.sessionMs, lifetimeOf(wish.token, Date.now()));
    setSessionCookie(request, reply, await this.sessions.begin(visitor, ttlMs), ttlMs);
    this.logger.info({ requestId: request.id, userId: visitor.userId, role: visitor.role }, 'signed in');
    return envelope('Signed in', visitor);
  }

  @Delete()
  async signOut(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Envelope<null>> {
    const id = sessionIdOf(request);
    if (id !== undefined) await this.sessions.end(id);
    clearSessionCookie(request, reply);
    return envelope('Signed out', null);
  }

  private async visitorOf({ token, user = '', password = '' }: SignInDto): Promise<AdminVisitor | undefined> {
    return token === undefined ? this.access.ofAccount(user, password) : this.access.ofToken(token);
  }
}
