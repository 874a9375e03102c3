import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.resolve(__dirname, '../..');
const TOOLS = path.join(root, '.servers/tools');
const CHART = path.join(root, 'deploy/k8s');
export const KUBERNETES = '1.32';

const run = promisify(execFile);

/** @throws when it ended otherwise than with 0, with what it said */
async function tool(file: string, args: string[], input?: string): Promise<string> {
  await access(path.join(TOOLS, 'python/installed.txt')).catch(() => {
    throw new Error('helm and kubernetes-validate are missing: test/tools/install.sh');
  });
  const env = { ...process.env, PYTHONPATH: path.join(TOOLS, 'python') };
  const running = run(file, args, { env, maxBuffer: 16 * 1024 * 1024 });
  running.child.stdin?.end(input);
  const { stdout, stderr } = await running;
  return stdout + stderr;
}

const helm = (...args: string[]): Promise<string> => tool(path.join(TOOLS, 'bin/helm'), args);

export const lintChart = (...sets: string[]): Promise<string> =>
  helm('lint', '--strict', '--kube-version', `${KUBERNETES}.0`, CHART, ...sets);

/** @param sets such as `ingress.enabled=true` @returns the manifests, as YAML @throws what helm refuses */
export const renderChart = (...sets: string[]): Promise<string> =>
  helm(
    ...['template', 'crm', CHART, '--namespace', 'crm', '--kube-version', `${KUBERNETES}.0`],
    ...sets.flatMap((set) => ['--set-json', set]),
  ).then((text) => text.replaceAll(/^walk\.go.*$/gm, ''));

/** Documents of a YAML stream. */
export async function parsed<T>(yaml: string): Promise<T[]> {
  const script = 'import json, sys, yaml; print(json.dumps([d for d in yaml.safe_load_all(sys.stdin) if d]))';
  return JSON.parse(await tool('python3', ['-c', script], yaml)) as T[];
}

/** What the schemas of Kubernetes say, a line each. */
export const validated = (yaml: string): Promise<string> =>
  tool(
    'python3',
    [path.join(TOOLS, 'python/bin/kubernetes-validate'), ...['--strict', '-k', KUBERNETES, '-']],
    yaml,
  );
