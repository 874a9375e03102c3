import { hash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Environment, type AdminAccount, type JwtKey } from '../../config/environment';
import { orUnavailable } from '../../queue/queue-unavailable';
import type { AdminVisitor } from '../admin-visitor';

const ID_BYTES = 32;
/** Longer than any id of ours: not worth a question. */
const MAX_ID_LENGTH = 64;

interface StoredSession extends AdminVisitor {
  /** That it began with the password that the account still has, or with a token of the key of now. */
  proof?: string;
}

/** Made with the id, which Redis does not have: it tells who reads it there nothing of a password or a secret. */
const proofOf = (id: string, secret: string): string => hash('sha256', `${id} ${secret}`, 'base64url');

/** What a session of a token is over with. The keys of a set come and go. */
function textOf(key: JwtKey): string {
  switch (key.kind) {
    case 'secret':
      return key.secret;
    case 'publicKey':
      return key.key.export({ type: 'spki', format: 'pem' }).toString();
    case 'jwks':
      return key.uri;
  }
}

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
    const secret = this.secretOf(visitor);
    const session: StoredSession = {
      ...visitor,
      ...(secret !== undefined && { proof: proofOf(id, secret) }),
    };
    await orUnavailable(this.redis.set(this.key(id), JSON.stringify(session), 'PX', ttlMs));
    return id;
  }

  /**
   * @returns undefined when it is over, or never was; an account's is over with its password, and has its role of now,
   * and a token's is over with the key
   * @throws QueueUnavailable
   */
  async find(id: string): Promise<AdminVisitor | undefined> {
    if (id.length > MAX_ID_LENGTH) return undefined;
    const stored = await orUnavailable(this.redis.get(this.key(id)));
    if (stored === null) return undefined;
    const { proof, ...visitor } = JSON.parse(stored) as StoredSession;
    const secret = this.secretOf(visitor);
    if (secret === undefined || proof !== proofOf(id, secret)) return undefined;
    return { ...visitor, role: this.accountOf(visitor)?.role ?? visitor.role };
  }

  /** @throws QueueUnavailable */
  async end(id: string): Promise<void> {
    await orUnavailable(this.redis.unlink(this.key(id)));
  }

  private secretOf(visitor: AdminVisitor): string | undefined {
    if (visitor.tenantId === null) return this.accountOf(visitor)?.password;
    const { jwt } = this.environment;
    return jwt && textOf(jwt.key);
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
