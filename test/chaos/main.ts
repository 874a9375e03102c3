// npm run test:chaos: kills, freezes and doubles what the service is made of, under load, and counts what it costs.
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../../tools/stack/build.ts';
import { describeFailure, StackProblem } from '../../tools/stack/stack-problem.ts';
import { stopWishes } from '../../tools/stack/stop-signals.ts';
import { killAll } from './cluster/children.ts';
import { startServers } from './cluster/servers.ts';
import { isGood, type Outcome, perform } from './perform.ts';
import { remarks, table, writeDocument } from './report.ts';
import type { Form, Scenario } from './scenario.ts';
import { SCENARIOS } from './scenarios/index.ts';

const HELP = `npm run test:chaos -- [--short] [--only <scenario>]... [--times <n>] [--write] [--json <file>] [--keep]

Kills, freezes and doubles the parts of the service under load, with servers of its own, and compares MongoDB with
what was accepted. Fails on any write that is lost or applied twice.
  --short  smaller numbers, and only the scenarios that are marked with * below: about three minutes
  --only   one scenario; may be given several times
  --times  plays each scenario so many times in a row
  --write  puts the table into docs/reliability.md
  --json   writes {"passed":n,"failed":n} to a file
  --keep   keeps the folder with the logs of all processes

${SCENARIOS.map(({ name, title, inShortForm }) => `  ${inShortForm ? '*' : ' '} ${name.padEnd(16)} ${title('full')}`).join('\n')}`;

const root = join(import.meta.dirname, '../..');
const log = (line: string) => {
  console.log(line);
};

function readOptions() {
  try {
    return parseArgs({
      options: {
        short: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true, default: [] },
        times: { type: 'string', default: '1' },
        write: { type: 'boolean', default: false },
        json: { type: 'string' },
        keep: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new StackProblem(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
  }
}

function chosen(only: readonly string[], form: Form): readonly Scenario[] {
  const unknown = only.find((name) => !SCENARIOS.some((scenario) => scenario.name === name));
  if (unknown !== undefined) throw new StackProblem(`There is no scenario "${unknown}"\n\n${HELP}`);
  if (only.length > 0) return SCENARIOS.filter(({ name }) => only.includes(name));
  return SCENARIOS.filter(({ inShortForm }) => form === 'full' || inShortForm);
}

/** @returns whether nothing was lost and nothing applied twice */
async function main(): Promise<boolean> {
  const options = readOptions();
  if (options.help) {
    log(HELP);
    return true;
  }
  const form: Form = options.short ? 'short' : 'full';
  const times = Number(options.times);
  if (!Number.isInteger(times) || times < 1) throw new StackProblem(`--times: expected 1 or more\n\n${HELP}`);
  const scenarios = chosen(options.only, form).flatMap((scenario) => Array<Scenario>(times).fill(scenario));
  await ensureBuilt(root, join(root, 'dist/main.js'), log);

  const dataDir = await realpath(await mkdtemp(join(tmpdir(), 'insightcrm-chaos-')));
  const removeData = async () => {
    if (options.keep) log(`Logs: ${dataDir}`);
    else await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  };
  void stopWishes(process.env).first.then(async () => {
    await killAll();
    await removeData();
    process.exit(130);
  });

  const outcomes: Outcome[] = [];
  const versions: string[] = [];
  try {
    const servers = await startServers(root, dataDir, log);
    versions.push(...servers.versions);
    for (const scenario of scenarios) {
      log(`${scenario.name}: ${scenario.title(form)}`);
      const outcome = await perform(scenario, { root, dataDir, servers, form, log });
      log(remarks([outcome]));
      outcomes.push(outcome);
    }
  } finally {
    await killAll();
    await removeData();
  }

  const failed = outcomes.filter((outcome) => !isGood(outcome)).length;
  log(`\n${table(outcomes)}\n`);
  for (const { name } of outcomes.filter((outcome) => !isGood(outcome))) log(`FAILED: ${name}`);
  if (form === 'short' && options.only.length === 0) {
    const left = SCENARIOS.filter(({ inShortForm }) => !inShortForm).map(({ name }) => name);
    log(`The short form leaves out: ${left.join(', ')}`);
  }
  if (options.write) await writeDocument(root, outcomes, versions);
  if (options.json !== undefined)
    await writeFile(options.json, JSON.stringify({ passed: outcomes.length - failed, failed }));
  return failed === 0;
}

try {
  process.exit((await main()) ? 0 : 1);
} catch (error) {
  console.error(describeFailure(error));
  process.exit(1);
}
