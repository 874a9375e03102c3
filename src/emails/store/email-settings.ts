import { Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Environment } from '../../config/environment';
import type { EmailEventType } from '../email-jobs';

/** Whom a tenant wants to be told of what. */
export interface EmailSettings {
  to: string[];
  types: EmailEventType[];
}

/** What tenants chose: a hash of each in Redis, which stays until the tenant turns it off. */
@Injectable()
export class EmailSettingsStore {
  constructor(
    private readonly redis: Redis,
    private readonly environment: Environment,
  ) {}

  /** @returns undefined for a tenant that wants no e-mails @throws what Redis failed with */
  async read(tenantId: string): Promise<EmailSettings | undefined> {
    const [to, types] = await this.redis.hmget(this.key(tenantId), 'to', 'types');
    if (!to || !types) return undefined;
    return { to: JSON.parse(to) as string[], types: JSON.parse(types) as EmailEventType[] };
  }

  async write(tenantId: string, { to, types }: EmailSettings): Promise<void> {
    await this.redis.hset(this.key(tenantId), { to: JSON.stringify(to), types: JSON.stringify(types) });
  }

  async remove(tenantId: string): Promise<void> {
    await this.redis.unlink(this.key(tenantId));
  }

  private key(tenantId: string): string {
    return `${this.environment.redis.prefix}:email-settings:${tenantId}`;
  }
}
