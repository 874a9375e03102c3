import { spawn } from 'node:child_process';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';

const root = path.resolve(__dirname, '../..');
const python = path.join(root, '.servers/tools/python');
const settings = path.join(root, 'test/security/fuzzing');

/** Of each run; another one tries other requests. */
const SEED = process.env.SCHEMATHESIS_SEED ?? '1';
/** Requests per operation and phase that come up with any number. */
const EXAMPLES = process.env.SCHEMATHESIS_EXAMPLES ?? '30';

export interface Fuzzing {
  /** Base address of the API. */
  url: string;
  token?: string | undefined;
  phases?: ('examples' | 'coverage' | 'fuzzing' | 'stateful')[];
}

/**
 * Sends an API what its own document allows, and what it does not, and holds each answer against the document.
 * Requests come from `SCHEMATHESIS_SEED`, `SCHEMATHESIS_EXAMPLES` of each kind.
 * @throws Error with what Schemathesis found, and how to send it again
 */
export async function fuzz({ url, token, phases }: Fuzzing): Promise<string> {
  await access(path.join(python, 'bin/st')).catch(() => {
    throw new Error('Schemathesis is missing: run test/tools/install.sh');
  });
  // It keeps what it learnt where it runs: each run starts from nothing, so that the seed tells what it does.
  const cwd = await mkdtemp(path.join(tmpdir(), 'insightcrm-fuzzing-'));
  const st = spawn(
    path.join(python, 'bin/st'),
    [
      ...['--config-file', path.join(settings, 'schemathesis.toml'), 'run', `${url}/openapi.json`],
      ...['--seed', SEED, '--max-examples', EXAMPLES, '--workers', '1', '--request-timeout', '10'],
      ...['--continue-on-failure', '--output-truncate', 'false', '--warnings', 'off'],
      ...(phases ? ['--phases', phases.join()] : []),
      ...(token === undefined ? [] : ['--header', `Authorization: Bearer ${token}`]),
    ],
    {
      cwd,
      env: {
        PATH: process.env.PATH ?? '',
        PYTHONPATH: python,
        PYTHONDONTWRITEBYTECODE: '1',
        SCHEMATHESIS_HOOKS: path.join(settings, 'hooks.py'),
        NO_COLOR: '1',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const ended = new Promise<number | null>((resolve, reject) => {
    st.once('close', resolve).once('error', reject);
  });
  const [code, output, errors] = await Promise.all([ended, text(st.stdout), text(st.stderr)]);
  await rm(cwd, { recursive: true, force: true });
  if (code !== 0) throw new Error(`Seed ${SEED}: ${findingsOf(output)}${errors}`);
  return output;
}

/** From the first fault on, without the progress before it. */
function findingsOf(output: string): string {
  const start = output.search(/^=+ (ERRORS|FAILURES) =+$/m);
  return start === -1 ? output : output.slice(start);
}
