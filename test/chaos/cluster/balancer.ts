import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../../tools/stack/free-port.ts';
import { StackProblem } from '../../../tools/stack/stack-problem.ts';
import type { Child } from '../../../tools/stack/child.ts';
import { until } from '../until.ts';
import { start } from './children.ts';
import { DEPLOYMENT } from './deployment.ts';

export interface BalancerSpec {
  root: string;
  dataDir: string;
  /** Of the processes that may be there; it finds out by itself which of them are ready. */
  ports: readonly number[];
}

const FOUND_MS = 30_000;

/**
 * HAProxy before the API, in two ways. As an ingress it passes on requests, over connections of its own; as a Service of
 * Kubernetes it passes on connections, which stay with their process. It learns of processes by their probes alone, and
 * sends nothing twice: what fails is seen by who asked.
 */
export class Balancer {
  /** By request, and by connection. */
  readonly urls: readonly string[];
  readonly #statsUrl: string;
  readonly #child: Child;

  private constructor(child: Child, requests: number, connections: number, stats: number) {
    this.#child = child;
    this.urls = [requests, connections].map((port) => `http://127.0.0.1:${port}`);
    this.#statsUrl = `http://127.0.0.1:${stats}/;csv`;
  }

  /** @throws StackProblem where HAProxy is not installed */
  static async start({ root, dataDir, ports }: BalancerSpec): Promise<Balancer> {
    if (spawnSync('haproxy', ['-v']).error)
      throw new StackProblem('haproxy is missing: apt-get install haproxy');
    const [requests, connections, stats] = [await freePort(), await freePort(), await freePort()];
    const file = join(dataDir, 'haproxy.cfg');
    await writeFile(file, configuration(ports, { requests, connections, stats }));
    const child = start({
      root,
      command: 'haproxy',
      args: ['-db', '-f', file],
      output: { file: join(dataDir, 'haproxy.log') },
      stopGraceMs: 1_000,
    });
    return new Balancer(child, requests, connections, stats);
  }

  /** Settles when requests go to the processes on these ports, and to no others. */
  async sends(ports: readonly number[]): Promise<void> {
    const wanted = ports.toSorted().join();
    const look = async () => ((await this.#ready()) === wanted ? true : undefined);
    await until(`the balancer to send requests to ${wanted}`, look, { timeoutMs: FOUND_MS });
  }

  kill(): void {
    this.#child.kill();
  }

  async #ready(): Promise<string | undefined> {
    const answer = await fetch(this.#statsUrl).catch(() => undefined);
    if (!answer?.ok) return undefined;
    const rows = (await answer.text()).split('\n').map((line) => line.split(','));
    const status = rows[0]?.indexOf('status') ?? -1;
    const servers = rows.filter(
      ([backend, server]) => backend === 'by-request' && server?.startsWith('api-'),
    );
    // A probe that failed once is shown as "UP 1/2".
    return servers
      .filter((row) => row[status]?.startsWith('UP'))
      .map(([, server = '']) => Number(server.slice('api-'.length)))
      .toSorted()
      .join();
  }
}

function configuration(
  ports: readonly number[],
  listen: Record<'requests' | 'connections' | 'stats', number>,
): string {
  const { periodMs, timeoutMs, failures } = DEPLOYMENT.probe;
  const servers = (options: (port: number) => string) =>
    ports.map((port) => `  server api-${port} 127.0.0.1:${port} ${options(port)}`).join('\n');
  return `
defaults
  mode http
  timeout connect 2s
  timeout client 120s
  timeout server 120s
  timeout check ${timeoutMs}ms
  retries 0
  balance roundrobin

frontend ingress
  bind 127.0.0.1:${listen.requests}
  default_backend by-request

backend by-request
  option httpchk GET /health/ready
  http-check expect status 200
${servers(() => `check inter ${periodMs} fall ${failures} rise 1`)}

frontend service
  mode tcp
  bind 127.0.0.1:${listen.connections}
  default_backend by-connection

backend by-connection
  mode tcp
${servers((port) => `track by-request/api-${port}`)}

frontend stats
  bind 127.0.0.1:${listen.stats}
  stats enable
  stats uri /
`;
}
