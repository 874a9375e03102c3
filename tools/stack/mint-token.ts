import jwt from 'jsonwebtoken';
import { StackProblem } from './stack-problem.ts';

export type Role = 'user' | 'operator' | 'admin';
export const ROLES: readonly Role[] = ['user', 'operator', 'admin'];

/** Who the token speaks for, and for how long, such as `12h`. */
export interface TokenRequest {
  tenant: string;
  user: string;
  email: string;
  roles: readonly Role[];
  expiresIn: string;
}

/** A token as the service expects it, signed with the shared secret. */
export function mintToken(request: TokenRequest, secret: string, env: NodeJS.ProcessEnv): string {
  const { tenant, user, email, roles, expiresIn } = request;
  const { JWT_ISSUER: issuer, JWT_AUDIENCE: audience } = env;
  if (!/^\d+\s?[smhd]$/.test(expiresIn)) {
    throw new StackProblem(
      `"${expiresIn}" is no time to expire in: give a number and a unit, such as 30m or 12h`,
    );
  }
  return jwt.sign({ tenantId: tenant, email, roles }, secret, {
    algorithm: 'HS256',
    subject: user,
    expiresIn: expiresIn as jwt.SignOptions['expiresIn'] & string,
    ...(issuer ? { issuer } : {}),
    ...(audience ? { audience } : {}),
  });
}
