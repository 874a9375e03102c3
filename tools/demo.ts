// npm run demo [-- file.csv]: uploads customers to the running service and follows them into the database.
import { access } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { followImport } from './demo/follow-import.ts';
import { type ImportProgress, ServiceClient } from './demo/service-client.ts';
import { signing } from './stack/dev-secrets.ts';
import { mintToken } from './stack/mint-token.ts';
import { readStackFile } from './stack/stack-file.ts';
import { describeFailure, StackProblem } from './stack/stack-problem.ts';

const root = join(import.meta.dirname, '..');
const dataDir = join(root, '.data');

async function connect(env: NodeJS.ProcessEnv): Promise<ServiceClient> {
  const apiUrl = env['API_URL'] || (await readStackFile(dataDir))?.apiUrl;
  if (apiUrl === undefined)
    throw new StackProblem('The service is not running: start it with npm start first');
  return new ServiceClient(apiUrl.replace(/\/+$/, ''), env['TOKEN'] || (await ownToken(env)));
}

async function ownToken(env: NodeJS.ProcessEnv): Promise<string> {
  const signedBy = await signing(env, dataDir);
  if (signedBy.kind === 'identity-provider') {
    throw new StackProblem('Tokens come from your identity provider: put one into TOKEN');
  }
  const who = { tenant: 'demo', user: 'demo-user', email: 'demo@example.com', expiresIn: '1h' };
  return mintToken({ ...who, roles: ['user', 'operator'] }, signedBy.secret, env);
}

async function sampleFile(): Promise<string> {
  const file = resolve(process.argv[2] ?? join(root, 'samples/customers-1000.csv'));
  await access(file).catch(() => {
    throw new StackProblem(`There is no ${file}: npm run samples makes the samples`);
  });
  return file;
}

function report({ status, counts, problems }: ImportProgress): void {
  const { created, updated, unchanged, skipped, rejected } = counts;
  console.log(
    `Import ${status}: ${created} created, ${updated} updated, ${unchanged} unchanged, ${skipped} skipped, ` +
      `${rejected} rejected`,
  );
  for (const { line, field, message } of problems.slice(0, 5)) {
    console.log(`  line ${line}${field ? `, ${field}` : ''}: ${message}`);
  }
}

try {
  const file = await sampleFile();
  const client = await connect(process.env);
  // The first request also pays for loading the client and connecting: what is timed is the service.
  await client.firstCustomers(1);

  const begin = performance.now();
  const importId = await client.upload(file);
  const acceptedInMs = Math.round(performance.now() - begin);
  console.log(
    `${relative(process.cwd(), file)} was accepted (202) in ${acceptedInMs} ms, as import ${importId}`,
  );

  const end = await followImport(client, importId);
  console.log(`Persisted in ${Math.round(performance.now() - begin)} ms after the upload began`);
  report(end);

  console.log('Three customers, read back:');
  for (const { id, name, email } of await client.firstCustomers(3))
    console.log(`  ${id}  ${name} <${email}>`);
  process.exit(end.status.startsWith('completed') ? 0 : 1);
} catch (error) {
  console.error(describeFailure(error));
  process.exit(1);
}
