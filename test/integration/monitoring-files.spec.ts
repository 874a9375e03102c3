import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { buildCsv } from '../factories/csv';
import { buildCustomer } from '../factories/customer';
import { promtool } from '../helpers/promtool';
import { Scrape } from '../helpers/scrape';
import { createTestApp } from '../helpers/test-app';
import { waitForImport, waitForJob } from '../helpers/wait';

const root = path.resolve(__dirname, '../..');
const PROMETHEUS = path.join(root, 'deploy/prometheus');
const read = (file: string): Promise<string> => readFile(path.join(root, file), 'utf8');

/** Made by Prometheus itself. */
const BUILT_IN = ['up'];

/** Names of metrics: what is left of an expression without its labels, texts, functions and keywords. */
function metricsIn(expression: string): string[] {
  const bare = expression
    .replaceAll(/\{[^}]*\}/g, ' ')
    .replaceAll(/"[^"]*"/g, ' ')
    .replaceAll(/\[[^\]]*\]/g, ' ')
    .replaceAll(/\b(?:by|on|without|ignoring)\s*\([^)]*\)/g, ' ')
    .replaceAll(/\boffset\s+\w+/g, ' ');
  const words = [...bare.matchAll(/(?<![\w.])[a-zA-Z_:][\w:]*(?!\s*\(|\w)/g)].map(([word]) => word);
  return words.filter((word) => !['and', 'or', 'unless', 'sum', 'max', 'min', 'count'].includes(word));
}

interface Panel {
  title: string;
  type: string;
  targets?: { expr: string }[];
}

describe('what is there for Prometheus and Grafana', () => {
  let scrapes: Scrape[];
  let exposed: Set<string>;
  let alerts: string[];
  let panels: Panel[];

  beforeAll(async () => {
    const api = await createTestApp({ role: 'api' });
    const worker = await createTestApp({ role: 'worker', variables: api.variables });
    const client = api.client();
    await waitForJob(client, (await client.post('/api/customer', buildCustomer())).body.data.jobId);
    const upload = await client.upload(buildCsv({ rows: 3 }));
    await waitForImport(client, upload.body.data.importId);
    scrapes = [await Scrape.of(api.url), await Scrape.of(worker.url)];
    exposed = new Set(scrapes.flatMap(({ names }) => [...names]));
    alerts = (await read('deploy/prometheus/alerts.yml')).split(/^ {6}- alert: /m).slice(1);
    panels = (JSON.parse(await read('deploy/grafana/insightcrm.json')) as { panels: Panel[] }).panels;
    await worker.close();
    await api.close();
  });

  /** Expressions of the alerts, whether they take one line or more. */
  const expressions = () =>
    alerts.map((alert) => /^ {8}expr: ((?:.|\n)*?)\n {8}(?:for|labels):/m.exec(alert)?.[1] ?? '');
  const missing = (all: string[]) =>
    all.flatMap(metricsIn).filter((name) => !exposed.has(name) && !BUILT_IN.includes(name));

  it('passes the check of Prometheus for names, units and helps of metrics', async () => {
    for (const { text } of scrapes)
      expect(await promtool(['check', 'metrics'], text)).toEqual({ code: 0, output: '' });
  });

  it.each([
    ['the alerts', ['check', 'rules', 'alerts.yml']],
    ['the tests of the alerts', ['test', 'rules', 'alerts.test.yml']],
    ['the example configuration', ['check', 'config', 'prometheus.yml']],
  ])('passes the check of Prometheus for %s', async (_, [verb = '', what = '', file = '']) => {
    const { code, output } = await promtool([verb, what, path.join(PROMETHEUS, file)]);

    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('SUCCESS') });
  });

  it('has alerts about metrics that exist', () => {
    expect(expressions().filter((expression) => metricsIn(expression).length === 0)).toEqual([]);
    expect(missing(expressions())).toEqual([]);
  });

  it('has for each alert how bad it is, what it is and what to do, and a test', async () => {
    const [docs, tests] = await Promise.all([
      read('docs/monitoring.md'),
      read('deploy/prometheus/alerts.test.yml'),
    ]);

    expect(alerts.length).toBeGreaterThanOrEqual(12);
    for (const alert of alerts) {
      const name = /^\w+/.exec(alert)?.[0] ?? '';
      expect(alert).toMatch(/^ {10}severity: (critical|warning)$/m);
      expect(alert).toMatch(/^ {10}summary: \S/m);
      expect(alert).toMatch(/^ {10}description: \S/m);
      expect(alert).toContain(`runbook_url: docs/monitoring.md#${name.toLowerCase()}\n`);
      expect(docs).toMatch(new RegExp(`^### ${name}\n\n\\w`, 'm'));
      expect(tests).toMatch(new RegExp(`alertname: ${name}\n +exp_alerts:\n`));
      expect(tests).toMatch(new RegExp(`alertname: ${name}\n +exp_alerts: \\[\\]`));
    }
  });

  it('has a dashboard of metrics that exist', () => {
    const targets = panels.flatMap((panel) => panel.targets ?? []).map(({ expr }) => expr);

    expect(panels.filter(({ type, targets: own }) => type !== 'row' && !own?.length)).toEqual([]);
    expect(targets.length).toBeGreaterThan(20);
    expect(targets.filter((target) => metricsIn(target).length === 0)).toEqual([]);
    expect(missing(targets)).toEqual([]);
  });

  it('has every metric of ours in the documentation, and no other', async () => {
    const documented = (await read('docs/monitoring.md')).match(/(?<=`)insightcrm_\w+/g) ?? [];
    const ours = scrapes.flatMap(({ text }) => text.match(/(?<=^# TYPE )insightcrm_\w+/gm) ?? []);

    expect([...new Set(documented)].sort()).toEqual([...new Set(ours)].sort());
  });
});
