import { randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { JWT_SECRET } from './environment';

export interface TokenOptions {
  tenantId?: string;
  roles?: string[];
  sub?: string;
}

/** A tenant nobody else has. */
export const newTenant = (): string => `tenant-${randomUUID()}`;

export const tokenFor = ({
  tenantId = newTenant(),
  roles = ['user'],
  sub = 'user-1',
}: TokenOptions = {}): string => jwt.sign({ sub, tenantId, roles }, JWT_SECRET, { expiresIn: '1h' });
