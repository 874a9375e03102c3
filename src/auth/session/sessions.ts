import { hash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Environment, type AdminAccount } from '../../config/environment';
import { orUnavailable } from '../../queue/queue-unavailable';
import type { AdminVisitor } from '../admin-visitor';

const ID_BYTES = 32;
/** Longer than any id of ours: not worth a question. */
const MAX_ID_LENGTH = 64;

interface StoredSession extends AdminVisitor {
  /** That it began with the password that the account still has. */
  proof?: string;
}

/** Made with the id, which Redis does not have: it tells who reads it there nothing of the password. */
const proofOf = (id: string, { password }: AdminAccount): string =>
  hash('sha256', `${id} ${password}`, 'base64url');

/** People who are signed in, in Redis, so that any replica knows them. Only a hash of the id is kept: who reads Redis can't be them. */
@Injectable()
export class Sessions {
  constructor(
    private readonly redis: Redis,
    private readonly environment: Environment,
  ) {}

  /** @param ttlMs how long it lasts @returns its id, which only the browser has @throws QueueUnavailable */
  async begin(visitor: AdminVisitor, ttlMs: number): Promise<string> {
    const id = randomBytes(ID_BYTES).toString('base64url');
    const account = this.accountOf(visitor);
    const session: StoredSession = { ...visitor, ...(account && { proof: proofOf(id, account) }) };
    await orUnavailable(this.redis.set(this.key(id), JSON.stringify(session), 'PX', ttlMs));
    return id;
  }

  /**
   * @returns undefined when it is over, or never was; an account's is over with its password, and has its role of now
   * @throws QueueUnavailable
   */
  async find(id: string): Promise<AdminVisitor | undefined> {
    if (id.length > MAX_ID_LENGTH) return undefined;
    const stored = await orUnavailable(this.redis.get(this.key(id)));
    if (stored === null) return undefined;
    const { proof, ...visitor } = JSON.parse(stored) as StoredSession;
    if (visitor.tenantId !== null) return visitor;
    const account = this.accountOf(visitor);
    return account && proof === proofOf(id, account) ? { ...visitor, role: account.role } : undefined;
  }

  /** @throws QueueUnavailable */
  async end(id: string): Promise<void> {
    await orUnavailable(this.redis.unlink(this.key(id)));
  }

  /** @returns undefined for who came with a token */
  private accountOf({ userId, tenantId }: AdminVisitor): AdminAccount | undefined {
    return tenantId === null
      ? this.environment.admin.accounts.find(({ user }) => user === userId)
      : undefined;
  }

  private key(id: string): string {
    return `${this.environment.redis.prefix}:session:${hash('sha256', id, 'base64url')}`;
  }
}
