// npm run simulate: what units of work cost in fleets of many processes, and what larger loads need by that.
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../tools/stack/build.ts';
import { describeFailure, StackProblem } from '../tools/stack/stack-problem.ts';
import { conditions, writeBetween } from './report/document.ts';
import type { Fleet } from './scale/figures.ts';
import { measureFleet } from './scale/measure.ts';
import { modelOf } from './scale/model.ts';
import { fleetTable, needTable } from './scale/report.ts';
import { benchServers } from './servers.ts';
import { Stage } from './stage.ts';
import { workFolder } from './work-folder.ts';

const HELP = `npm run simulate -- [--small] [--rounds <n>] [--no-write]

Starts fleets of API processes and workers on one Redis and one mongod, measures what a unit of work costs each of them,
draws a model from the small fleets, compares it with the large ones, and says what 10, 100 and 1,000 times the load need.
  --small     leaves the large fleets out, prints only, and takes two minutes
  --rounds    how often each fleet is measured (2)
  --no-write  only prints; docs/scaling.md stays as it is`;

/** API processes and workers. */
const SMALL = [
  [1, 1],
  [2, 2],
  [4, 4],
] as const;
const LARGE = [
  [8, 16],
  [16, 32],
] as const;

const root = join(import.meta.dirname, '..');
const log = (line: string) => {
  console.log(line);
};

function readOptions() {
  try {
    const { values } = parseArgs({
      allowNegative: true,
      options: {
        small: { type: 'boolean', default: false },
        rounds: { type: 'string', default: '2' },
        write: { type: 'boolean', default: true },
        help: { type: 'boolean', default: false },
      },
    });
    const rounds = Number(values.rounds);
    if (!(rounds >= 1)) throw new Error('Expected one round or more');
    return { ...values, rounds };
  } catch (error) {
    throw new StackProblem(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
  }
}

async function simulate(stage: Stage, sizes: readonly (readonly [number, number])[]): Promise<Fleet[]> {
  const fleets: Fleet[] = [];
  for (const [apis, workers] of sizes) {
    const load = loadavg()[0]?.toFixed(1);
    log(`${apis} API processes and ${workers} workers (load of the machine before: ${load})`);
    const fleet = await measureFleet(stage, apis, workers);
    log(JSON.stringify(fleet));
    fleets.push(fleet);
  }
  return fleets;
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options.help) {
    log(HELP);
    return;
  }
  await ensureBuilt(root, join(root, 'dist/main.js'), log);
  const { dataDir, cleanUp } = await workFolder('simulate');
  try {
    const servers = await benchServers(root, dataDir, log);
    const { rounds } = options;
    const stage = new Stage({ root, dataDir, rounds, rows: 0, servers, log });
    const small = await simulate(stage, SMALL);
    const model = modelOf(small);
    const large = options.small ? [] : await simulate(stage, LARGE);
    await stage.close();
    const where = await conditions(root, { rounds, versions: servers.versions });
    const written = [where, fleetTable([...small, ...large], small, model), needTable(model)].join('\n\n');
    log(written);
    if (options.write && !options.small)
      await writeBetween(join(root, 'docs/scaling.md'), 'simulate', written);
  } finally {
    await cleanUp();
  }
}

try {
  await main();
  process.exit(0);
} catch (error) {
  console.error(describeFailure(error));
  process.exit(1);
}
