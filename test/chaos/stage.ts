import { randomUUID } from 'node:crypto';
import type { Queue } from 'bullmq';
import type { mongo } from 'mongoose';
import { mintToken } from '../../tools/stack/mint-token.ts';
import { type Attempts, Client } from './client.ts';
import { assemble, type Company, JWT_SECRET } from './cluster/company.ts';
import type { Balancer } from './cluster/balancer.ts';
import type { Servers } from './cluster/servers.ts';
import type { Service } from './cluster/service.ts';
import { csvOf } from './csv.ts';
import { Ledger } from './ledger.ts';
import { Load, type LoadOptions } from './load.ts';
import { Pulse } from './pulse.ts';
import type { Cast, Form } from './scenario.ts';
import { until } from './until.ts';

export interface StageOptions {
  root: string;
  dataDir: string;
  servers: Servers;
  form: Form;
  cast: Cast;
  name: string;
  log: (line: string) => void;
}

export interface UploadOptions {
  /** Makes rows longer, in characters. */
  addressLength?: number;
  /** How long the file takes on its way. */
  overMs?: number;
}

/** Within this time there must be a sign of life again. */
const RECOVERY_MS = 60_000;
/** A job that is interrupted again and again may take several locks' time. */
const INTERRUPTED_MS = 240_000;
/** Also of a job that was removed after its end. */
const ENDED = new Set(['completed', 'failed', 'unknown']);
const UPLOAD_MS = 120_000;

/** What one scenario plays on: processes, a tenant and stores of its own, servers to harm, and the books. */
export class Stage {
  readonly ledger = new Ledger();
  readonly servers: Servers;
  readonly form: Form;
  readonly tenantId: string;
  readonly log: (line: string) => void;
  /** From the end of each disturbance to the next sign of life. */
  readonly recoveriesMs: number[] = [];
  /** Promises that were broken, beside those that the ledger finds. */
  readonly problems: string[] = [];
  /** Worth telling beside the table. */
  readonly notes: string[] = [];
  /** Effects beyond what was accepted that are not in a tenant's customers. */
  twice = 0;
  readonly client: Client;
  /** Where the service is asked, each way the same. */
  readonly urls: readonly string[];
  readonly token: string;
  readonly pulse: Pulse;
  readonly #company: Company;
  #load: Load | undefined;

  private constructor(
    { servers, form, log }: StageOptions,
    tenantId: string,
    company: Company,
    pulse: Pulse,
  ) {
    this.servers = servers;
    this.form = form;
    this.log = log;
    this.tenantId = tenantId;
    this.#company = company;
    this.pulse = pulse;
    this.urls = company.balancer?.urls ?? [this.api.url];
    this.token = tokenOf(tenantId);
    this.client = new Client(this.urls, this.token, () => {
      pulse.accepted();
    });
  }

  /** Everything is started; `ready` waits for it. */
  static async set(options: StageOptions): Promise<Stage> {
    const tenantId = `chaos-${randomUUID()}`;
    const id = `${options.name}-${randomUUID().slice(0, 8)}`;
    const company = await assemble({ ...options, id });
    const stage = new Stage(options, tenantId, company, await Pulse.of(options.servers.redisUrl, tenantId));
    for (const service of stage.services) service.start();
    return stage;
  }

  async ready(): Promise<void> {
    await Promise.all(this.services.map((service) => service.ready()));
    await this.#company.balancer?.sends(this.apis.map(({ port }) => port));
  }

  /** @throws when there is none */
  get api(): Service {
    const [api] = this.apis;
    if (!api) throw new Error('The scenario has no API');
    return api;
  }

  get apis(): readonly Service[] {
    return this.#company.apis;
  }

  /** @throws when the scenario has none */
  get balancer(): Balancer {
    const { balancer } = this.#company;
    if (!balancer) throw new Error('The scenario has no balancer');
    return balancer;
  }

  /** A process that is not started, to go in the place of another. @throws when the scenario has none */
  standby(role: 'api' | 'worker'): Service {
    const standby = this.#company.standbys.find((service) => service.role === role);
    if (!standby) throw new Error(`The scenario has no ${role} that stands by`);
    return standby;
  }

  get workers(): readonly Service[] {
    return this.#company.workers;
  }

  /** @throws when the scenario has fewer workers */
  worker(index: number): Service {
    const worker = this.workers[index];
    if (!worker) throw new Error(`The scenario has no worker ${index}`);
    return worker;
  }

  get services(): readonly Service[] {
    return [...this.apis, ...this.workers];
  }

  get queue(): Queue {
    return this.#company.queue;
  }

  get db(): mongo.Db {
    return this.#company.database.db();
  }

  /** What the attempts of all clients came to so far. */
  get attempts(): Attempts {
    return this.client.attempts;
  }

  pick<T>(numbers: { full: T; short: T }): T {
    return numbers[this.form];
  }

  /** Clients begin to write. They end with {@link settle}. */
  async load(options?: LoadOptions): Promise<void> {
    if (this.#load) throw new Error('The load has begun already');
    this.#load = new Load(this.client, this.ledger, options);
    await this.#load.start();
  }

  /** Lets the load go on for some writes after the harm, then ends it; what has begun is sent until it is accepted. */
  async settle(): Promise<void> {
    if (!this.#load) return;
    const load = this.#load;
    this.#load = undefined;
    const enough = this.ledger.writes + this.pick({ full: 500, short: 50 });
    const goesOn = () => (load.isOver || this.ledger.writes >= enough ? true : undefined);
    await until('writes to be accepted after the harm', goesOn, { timeoutMs: RECOVERY_MS }).catch(
      (error: unknown) => {
        this.problems.push(String(error));
      },
    );
    await load.stop(RECOVERY_MS);
    if (load.unanswered > 0) this.problems.push(`${load.unanswered} writes were never accepted`);
    if (load.refused.length > 0)
      this.problems.push(`${load.refused.length} writes were refused: ${load.refused[0] ?? ''}`);
  }

  /** Uploads a file as a client that must not lose it. @returns the import's id */
  async upload(rows: number, { addressLength = 0, overMs }: UploadOptions = {}): Promise<string> {
    const prefix = `upload-${randomUUID().slice(0, 8)}`;
    const accepted = await this.client.write(
      {
        ...{ method: 'POST', path: '/api/customer/upload', timeoutMs: UPLOAD_MS },
        csv: csvOf(prefix, rows, addressLength),
        ...(overMs !== undefined && { overMs }),
      },
      AbortSignal.timeout(UPLOAD_MS),
    );
    if (!accepted) throw new Error('The upload was never accepted');
    this.ledger.uploaded({ importId: accepted.importId, prefix, rows });
    return accepted.importId;
  }

  /** Ends a disturbance, and measures how long it takes until work is taken in, or done, again. */
  async recovers(signs: ('accepted' | 'completed')[], restore: () => Promise<void> | void): Promise<void> {
    await restore();
    const startedAt = performance.now();
    await Promise.all(signs.map((sign) => this.pulse.next(sign, RECOVERY_MS)));
    const tookMs = performance.now() - startedAt;
    this.#recovered(tookMs);
  }

  /**
   * Starts a worker again that was just killed, and measures how long it takes until all jobs are ended that were
   * interrupted, whoever ends them. Too long is a problem of the scenario, and no end of it.
   * @param except the job that is not to be waited for
   */
  async recoversJobs(worker: Service, except?: string): Promise<void> {
    const active = await this.queue.getJobs(['active']);
    worker.start();
    const startedAt = performance.now();
    let open = active.flatMap(({ id }) => (id === undefined || id === except ? [] : [id]));
    const ended = async () => {
      const states = await Promise.all(open.map((id) => this.queue.getJobState(id)));
      open = open.filter((_, index) => !ENDED.has(states[index] ?? ''));
      return open.length === 0 ? true : undefined;
    };
    try {
      await until('the jobs of a killed worker to end', ended, { timeoutMs: INTERRUPTED_MS, everyMs: 100 });
      this.#recovered(performance.now() - startedAt);
    } catch (error) {
      this.problems.push(`${String(error)}: ${open.join(', ')}`);
    }
  }

  #recovered(tookMs: number): void {
    this.recoveriesMs.push(tookMs);
    this.log(`  going on after ${(tookMs / 1_000).toFixed(2)} s`);
  }

  /** Nothing is left running. */
  async strike(): Promise<void> {
    this.pulse.close();
    for (const service of [...this.services, ...this.#company.standbys]) service.kill();
    await this.#company.close();
  }
}

function tokenOf(tenant: string): string {
  const roles = ['user', 'operator', 'admin'] as const;
  const who = { tenant, user: 'chaos', email: 'chaos@example.com', expiresIn: '12h' };
  return mintToken({ ...who, roles }, JWT_SECRET, {});
}
