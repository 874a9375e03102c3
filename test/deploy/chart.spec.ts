import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { variables } from '../../src/config/variables';
import { DEPLOYMENT } from '../chaos/cluster/deployment';
import { lintChart, parsed, renderChart, validated } from '../helpers/chart';
import { promtool } from '../helpers/promtool';

const root = path.resolve(__dirname, '../..');

interface Probe {
  httpGet: { path: string; port: string };
  periodSeconds: number;
  timeoutSeconds: number;
  failureThreshold: number;
}
interface Container {
  securityContext: object;
  resources: { requests: Record<string, string>; limits: Record<string, string> };
  env?: { name: string }[];
  volumeMounts?: unknown[];
  startupProbe: Probe;
  readinessProbe: Probe;
  livenessProbe: Probe;
  lifecycle: { preStop: { sleep: { seconds: number } } };
}
interface Pod {
  metadata: { labels: Record<string, string> };
  spec: {
    automountServiceAccountToken: boolean;
    securityContext: object;
    terminationGracePeriodSeconds: number;
    topologySpreadConstraints: { topologyKey: string }[];
    containers: Container[];
    volumes?: unknown[];
  };
}
interface Manifest {
  kind: string;
  metadata: { name: string };
  data: Record<string, string>;
  automountServiceAccountToken?: boolean;
  spec: {
    replicas?: number;
    strategy: unknown;
    template: Pod;
    selector: { matchLabels: Record<string, string> };
    podSelector: { matchLabels: Record<string, string> };
    maxUnavailable: unknown;
    scaleTargetRef: { name: string };
    minReplicaCount: number;
    maxReplicaCount: number;
    fallback: { replicas: number };
    triggers: { type: string; metadata: Record<string, string> }[];
    egress?: unknown[];
    ingress?: unknown[];
    groups: unknown[];
    podMetricsEndpoints: { relabelings: { targetLabel: string; replacement: string }[] }[];
  };
}

const EVERYTHING = [
  'ingress={"enabled":true,"host":"crm.example.com","tlsSecret":"crm-tls"}',
  'metrics={"podMonitor":{"enabled":true,"labels":{"release":"prometheus"}},"prometheusRule":{"enabled":true}}',
  'networkPolicy.redisTo=[{"podSelector":{"matchLabels":{"app":"redis"}}}]',
  'networkPolicy.smtpTo=[{"ipBlock":{"cidr":"203.0.113.7/32"}}]',
  'imagePullSecrets=[{"name":"registry"}]',
  'tolerations=[{"key":"crm","operator":"Exists"}]',
  'config={"LOG_LEVEL":"warn","QUEUE_MAX_WAITING":5000000,"METRICS_PUBLIC":true}',
  'worker.config={"WORKER_CONCURRENCY":16}',
];
const FIXED = [
  'api.autoscaling.enabled=false',
  'worker.autoscaling.enabled=false',
  'networkPolicy.enabled=false',
];
const SETS: [string, string[]][] = [
  ['its defaults', []],
  ['everything on', EVERYTHING],
  ['fixed numbers of replicas', FIXED],
];

describe('the chart', () => {
  const manifests = async (...sets: string[]) => parsed<Manifest>(await renderChart(...sets));
  const of = (all: Manifest[], kind: string) => all.filter((one) => one.kind === kind);
  const pods = (all: Manifest[]) =>
    [...of(all, 'Deployment'), ...of(all, 'Job')].map(({ spec }) => spec.template);
  const deployments = async (...sets: string[]) => of(await manifests(...sets), 'Deployment');

  it('passes the check of helm', async () => {
    expect(await lintChart()).toContain('0 chart(s) failed');
  });

  it.each(SETS)('is what the schemas of Kubernetes ask for, with %s', async (_, sets) => {
    const said = (await validated(await renderChart(...sets))).trim().split('\n');

    // Of definitions that others bring.
    const unknown = /find schema for kind (?:PodMonitor|PrometheusRule|ScaledObject) /;
    expect(said.filter((line) => !/ passed for resource /.test(line) && !unknown.test(line))).toEqual([]);
    expect(said.length).toBeGreaterThan(8);
  });

  it.each(SETS)('lets no pod do more than it must, with %s', async (_, sets) => {
    for (const { spec } of pods(await manifests(...sets))) {
      expect(spec.automountServiceAccountToken).toBe(false);
      expect(spec.volumes).toBeUndefined();
      expect(spec.securityContext).toMatchObject({
        runAsNonRoot: true,
        runAsUser: 1000,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      for (const { securityContext, resources } of spec.containers) {
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(resources).toMatchObject({
          requests: { cpu: expect.anything(), memory: expect.anything() },
          limits: { memory: expect.anything() },
        });
      }
    }
  });

  it('gives API and workers the certificates for Redis, where a Secret has them', async () => {
    const all = await manifests('redisTls={"secretName":"redis-tls","clientCertificate":true}');

    for (const { spec } of of(all, 'Deployment')) {
      const [container] = spec.template.spec.containers;
      expect(spec.template.spec.volumes).toEqual([
        { name: 'redis-tls', secret: { secretName: 'redis-tls' } },
      ]);
      expect(container?.volumeMounts).toEqual([
        { name: 'redis-tls', mountPath: '/etc/redis-tls', readOnly: true },
      ]);
    }
    for (const { data } of of(all, 'ConfigMap'))
      expect(data).toMatchObject({
        REDIS_CA_FILE: '/etc/redis-tls/ca.crt',
        REDIS_CERT_FILE: '/etc/redis-tls/tls.crt',
        REDIS_KEY_FILE: '/etc/redis-tls/tls.key',
      });
  });

  it('tells the migration of large numbers as they are written', async () => {
    const [job] = of(await manifests('migration.config={"MIGRATE_WAIT_MS":3000000}'), 'Job');
    const [container] = job?.spec.template.spec.containers ?? [];

    expect(container?.env).toContainEqual({ name: 'MIGRATE_WAIT_MS', value: '3000000' });
  });

  it('gives a ServiceAccount no token', async () => {
    const [account] = of(await manifests(), 'ServiceAccount');
    expect(account?.automountServiceAccountToken).toBe(false);
  });

  it('replaces pods one by one, and each is asked how it is', async () => {
    for (const { spec } of await deployments()) {
      expect(spec.strategy).toEqual({
        type: 'RollingUpdate',
        rollingUpdate: { maxUnavailable: 0, maxSurge: 1 },
      });
      const [container] = spec.template.spec.containers;
      expect(container?.readinessProbe.httpGet).toEqual({ path: '/health/ready', port: 'http' });
      expect(container?.livenessProbe.httpGet.path).toBe('/health/live');
      expect(container?.startupProbe.httpGet.path).toBe('/health/live');
      expect(spec.template.spec.topologySpreadConstraints.map(({ topologyKey }) => topologyKey)).toEqual([
        'topology.kubernetes.io/zone',
        'kubernetes.io/hostname',
      ]);
    }
  });

  it('lets a pod finish before it is killed, and an API serve on until it is found not ready', async () => {
    const all = await manifests();
    for (const { metadata, spec } of of(all, 'Deployment')) {
      const data = of(all, 'ConfigMap').find(({ metadata: { name } }) => name === metadata.name)?.data ?? {};
      const { terminationGracePeriodSeconds: graceS, containers } = spec.template.spec;
      const [container] = containers;
      if (!container) throw new Error('There is no container');
      const { readinessProbe: probe, lifecycle } = container;
      const delayMs = Number(data.SHUTDOWN_DELAY_MS ?? 0);
      const probedMs = 1000 * (probe.failureThreshold * probe.periodSeconds + probe.timeoutSeconds);
      if (data.APP_ROLE === 'api') expect(delayMs).toBeGreaterThan(probedMs);
      const stopMs =
        1000 * lifecycle.preStop.sleep.seconds + delayMs + Number(data.SHUTDOWN_TIMEOUT_MS) + 4000;
      expect(graceS * 1000).toBeGreaterThanOrEqual(stopMs);
    }
  });

  it('has the figures that the rolling deploy of the chaos run has', async () => {
    const all = await manifests();
    const api = of(all, 'Deployment').find(({ metadata }) => metadata.name === 'crm-api')?.spec.template.spec;
    const delay = of(all, 'ConfigMap').find(({ data }) => data.APP_ROLE === 'api')?.data.SHUTDOWN_DELAY_MS;
    const { readinessProbe, lifecycle } = api?.containers[0] ?? {};

    expect({
      probe: {
        periodMs: 1000 * (readinessProbe?.periodSeconds ?? 0),
        timeoutMs: 1000 * (readinessProbe?.timeoutSeconds ?? 0),
        failures: readinessProbe?.failureThreshold,
      },
      preStopMs: 1000 * (lifecycle?.preStop.sleep.seconds ?? 0),
      shutdownDelayMs: Number(delay),
      graceMs: 1000 * (api?.terminationGracePeriodSeconds ?? 0),
    }).toEqual(DEPLOYMENT);
  });

  it('has a budget for the pods of each role, and each policy and Service is for some', async () => {
    const all = await manifests(...EVERYTHING);
    const labels = pods(all).map(({ metadata }) => metadata.labels);
    const matching = (selector: Record<string, string>) =>
      labels.filter((own) => Object.entries(selector).every(([name, value]) => own[name] === value)).length;

    const budgets = of(all, 'PodDisruptionBudget');
    expect(budgets.map(({ spec }) => matching(spec.selector.matchLabels))).toEqual([1, 1]);
    const services = of(all, 'Service').map(({ spec }) => spec.selector as unknown as Record<string, string>);
    expect(services.map(matching)).toEqual([1]);
    const policies = of(all, 'NetworkPolicy');
    expect(policies.map(({ spec }) => matching(spec.podSelector.matchLabels)).toSorted()).toEqual([
      1, 1, 3, 3,
    ]);
    expect(policies.filter(({ spec }) => !spec.egress && !spec.ingress)).toHaveLength(1);
    for (const { spec } of [...of(all, 'PodMonitor')]) expect(matching(spec.selector.matchLabels)).toBe(1);
  });

  it.each(SETS)('sets variables that there are, in the form that they have, with %s', async (_, sets) => {
    const all = await manifests(...sets);
    const read = variables.partial();
    for (const { data } of of(all, 'ConfigMap')) {
      expect(Object.keys(data).filter((name) => !(name in variables.shape))).toEqual([]);
      expect(read.safeParse(data).error?.issues ?? []).toEqual([]);
    }
    expect(of(all, 'ConfigMap').map(({ data }) => data.APP_ROLE)).toEqual(['api', 'worker']);
  });

  it('leaves the number of replicas to who scales them, and has one where nobody does', async () => {
    const scaled = await manifests();
    const fixed = await deployments(...FIXED);

    expect(of(scaled, 'Deployment').map(({ spec }) => spec.replicas)).toEqual([undefined, undefined]);
    expect(fixed.map(({ spec }) => spec.replicas)).toEqual([2, 2]);
    const targets = [...of(scaled, 'HorizontalPodAutoscaler'), ...of(scaled, 'ScaledObject')];
    expect(targets.map(({ spec }) => spec.scaleTargetRef.name)).toEqual(['crm-api', 'crm-worker']);
  });

  it('scales workers by what waits, and keeps some while nobody knows', async () => {
    const [scaled] = of(await manifests(), 'ScaledObject');
    const { minReplicaCount, maxReplicaCount, fallback, triggers = [] } = scaled?.spec ?? {};

    expect(minReplicaCount).toBeGreaterThanOrEqual(1);
    expect(fallback?.replicas).toBeLessThanOrEqual(maxReplicaCount ?? 0);
    expect(triggers.map(({ type, metadata }) => [type, metadata.ignoreNullValues])).toEqual([
      ['prometheus', 'false'],
      ['prometheus', 'false'],
    ]);
  });

  it('asks Prometheus for what it means: 0 while paused, nothing while Redis is away', async () => {
    const [scaled] = of(await manifests(), 'ScaledObject');
    const queries = scaled?.spec.triggers.map(({ metadata }) => metadata.query ?? '') ?? [];
    const documented = await readFile(path.join(root, 'docs/monitoring.md'), 'utf8');
    for (const name of queries.join().match(/insightcrm_\w+/g) ?? [])
      expect(documented).toContain(`\`${name}\``);

    const series = (instance: string, backlog: string, oldest: string, paused: string) =>
      [
        ['queue_backlog_jobs', backlog],
        ['queue_oldest_waiting_seconds', oldest],
        ['queue_paused', paused],
      ].map(([name, values]) => ({
        series: `insightcrm_${name}{queue="customer.jobs",job="insightcrm-worker",instance="${instance}"}`,
        values,
      }));
    const at = (expr: string, eval_time: string, value?: number) => ({
      expr,
      eval_time,
      exp_samples: value === undefined ? [] : [{ labels: '{}', value }],
    });
    const [backlog = '', oldest = ''] = queries;
    const test = {
      evaluation_interval: '1m',
      tests: [
        {
          interval: '1m',
          // Two processes that tell the same: a paused queue in the third minute, no figures from the fourth on.
          input_series: [
            ...series('a', '10 30 0 stale', '5 60 60 stale', '0 0 1 stale'),
            ...series('b', '10 30 0 stale', '5 60 60 stale', '0 0 1 stale'),
          ],
          promql_expr_test: [
            at(backlog, '1m', 30),
            at(oldest, '1m', 60),
            at(backlog, '2m', 0),
            at(oldest, '2m', 0),
            at(backlog, '4m'),
            at(oldest, '4m'),
          ],
        },
      ],
    };
    const folder = await mkdtemp(path.join(tmpdir(), 'chart-'));
    const file = path.join(folder, 'queries.json');
    await writeFile(file, JSON.stringify(test));
    const { output } = await promtool(['test', 'rules', file]);
    await rm(folder, { recursive: true });

    expect(output).toContain('SUCCESS');
  });

  it('brings the alerts, and scrapes as they know the processes', async () => {
    const all = await manifests(...EVERYTHING);
    const file = await readFile(path.join(root, 'deploy/prometheus/alerts.yml'), 'utf8');
    const [alerts] = await parsed<{ groups: unknown[] }>(file);

    expect(of(all, 'PrometheusRule').map(({ spec }) => spec.groups)).toEqual([alerts?.groups]);
    const jobs = of(all, 'PodMonitor').flatMap(({ spec }) => spec.podMetricsEndpoints[0]?.relabelings ?? []);
    expect(jobs.map(({ replacement }) => replacement)).toEqual(['insightcrm-api', 'insightcrm-worker']);
  });

  it.each([
    ['a secret among the values', 'config={"JWT_SECRET":"0123456789"}', /JWT_SECRET/],
    ['a value that it does not know', 'apis={}', /apis/],
    ['a grace that is too short', 'shutdown.graceSeconds=20', /expected 25 or more/],
    ['none for spans', 'config.OTEL_EXPORTER_OTLP_ENDPOINT="x",shutdown.graceSeconds=29', /30 or more/],
    ['no worker', 'worker.autoscaling.minReplicas=0', /minReplicas/],
    ['an Ingress without a host', 'ingress.enabled=true', /ingress.host is needed/],
  ])('refuses %s', async (_, set, message) => {
    await expect(renderChart(set)).rejects.toThrow(message);
  });
});
