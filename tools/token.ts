// npm run token: prints a token that the service under `npm start` accepts.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { signing } from './stack/dev-secrets.ts';
import { mintToken, ROLES, type Role } from './stack/mint-token.ts';
import { describeFailure, StackProblem } from './stack/stack-problem.ts';

const HELP = `npm run token -- [--tenant acme] [--role operator]... [--user u1] [--email x@y.z] [--expires 12h]

Prints a JWT, signed with JWT_SECRET or with the secret that npm start made for this machine.
  --tenant   the tenant (demo)
  --role     one of ${ROLES.join(', ')}; may be given several times (user)
  --user     the user's id (demo-user)
  --email    the user's address (demo@example.com)
  --expires  how long it holds, such as 30m or 7d (12h)`;

const dataDir = join(import.meta.dirname, '../.data');

function readOptions() {
  try {
    return parseArgs({
      options: {
        tenant: { type: 'string', default: 'demo' },
        role: { type: 'string', multiple: true, default: ['user'] },
        user: { type: 'string', default: 'demo-user' },
        email: { type: 'string', default: 'demo@example.com' },
        expires: { type: 'string', default: '12h' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new StackProblem(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
  }
}

function roleOf(text: string): Role {
  const role = ROLES.find((known) => known === text);
  if (role === undefined) throw new StackProblem(`"${text}" is no role: it is one of ${ROLES.join(', ')}`);
  return role;
}

try {
  const { tenant, role, user, email, expires: expiresIn, help } = readOptions();
  if (help) {
    console.log(HELP);
    process.exit(0);
  }
  const signedBy = await signing(process.env, dataDir);
  if (signedBy.kind === 'identity-provider') {
    console.error('Tokens come from your identity provider: JWT_PUBLIC_KEY or JWT_JWKS_URI is set');
    process.exit(2);
  }
  const request = { tenant, user, email, roles: role.map(roleOf), expiresIn };
  console.log(mintToken(request, signedBy.secret, process.env));
} catch (error) {
  console.error(describeFailure(error));
  process.exit(1);
}
