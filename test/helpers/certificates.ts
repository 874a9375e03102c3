import { execFile } from 'node:child_process';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { closing } from './closing';

const run = promisify(execFile);
const root = path.resolve(__dirname, '../..');

/** Files in PEM form: an authority of our own, and who it vouches for. */
export interface Certificates {
  ca: string;
  server: { cert: string; key: string };
  client: { cert: string; key: string };
}

export async function makeCertificates(): Promise<Certificates> {
  const dir = await mkdtemp(path.join(tmpdir(), 'insightcrm-tls-'));
  closing(() => rm(dir, { recursive: true, force: true }));
  const file = (name: string): string => path.join(dir, name);
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const [ca, caKey] = [file('ca.pem'), file('ca.key')];
  await run('openssl', ['req', '-x509', ...newKey, '-subj', '/CN=ours', '-keyout', caKey, '-out', ca]);
  await writeFile(file('names'), 'subjectAltName=IP:127.0.0.1\n');
  const issue = async (name: string): Promise<{ cert: string; key: string }> => {
    const [key, request, cert] = [file(`${name}.key`), file(`${name}.csr`), file(`${name}.pem`)];
    await run('openssl', [
      'req',
      ...newKey.slice(0, -2),
      '-subj',
      `/CN=${name}`,
      '-keyout',
      key,
      '-out',
      request,
    ]);
    await run('openssl', [
      ...['x509', '-req', '-in', request, '-CA', ca, '-CAkey', caKey, '-CAcreateserial'],
      ...['-days', '2', '-extfile', file('names'), '-out', cert],
    ]);
    return { cert, key };
  };
  return { ca, server: await issue('server'), client: await issue('client') };
}

/** Debian's Redis: the one that all other tests use may have no TLS. */
export async function redisWithTls(): Promise<string> {
  const program = path.join(root, '.servers/tools/redis7/redis-server');
  await access(program).catch(() => {
    throw new Error('A Redis with TLS is missing: bash test/tools/install.sh');
  });
  return program;
}
