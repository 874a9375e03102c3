// npm run bench: measures what the service promises, each time side by side with what it is compared with.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../tools/stack/build.ts';
import { describeFailure, StackProblem } from '../tools/stack/stack-problem.ts';
import { CASES } from './cases/index.ts';
import { median } from './figures.ts';
import { isMet, type Finding } from './finding.ts';
import { conditions, writeDocument } from './report/document.ts';
import { table } from './report/table.ts';
import { benchServers } from './servers.ts';
import { Stage } from './stage.ts';
import { workFolder } from './work-folder.ts';

const HELP = `npm run bench -- [--only <case>]... [--rounds <n>] [--rows <n>] [--no-write]

Measures the service with servers of its own, or with those of REDIS_URL and MONGODB_URI, prints a table, and writes
docs/benchmarks.md and its picture when all cases ran.
  --only      one case; may be given several times
  --rounds    how often each side is measured (3)
  --rows      rows of the large cases (1000000, which is also the most)
  --no-write  only prints

${CASES.map(({ name, title }) => `  ${name.padEnd(16)} ${title}`).join('\n')}`;

const root = join(import.meta.dirname, '..');
const log = (line: string) => {
  console.log(line);
};

function readOptions() {
  try {
    const { values } = parseArgs({
      allowNegative: true,
      options: {
        only: { type: 'string', multiple: true, default: [] },
        rounds: { type: 'string', default: '3' },
        rows: { type: 'string', default: '1000000' },
        write: { type: 'boolean', default: true },
        help: { type: 'boolean', default: false },
      },
    });
    const unknown = values.only.find((name) => !CASES.some((one) => one.name === name));
    if (unknown !== undefined) throw new Error(`There is no case "${unknown}"`);
    const [rounds, rows] = [Number(values.rounds), Number(values.rows)];
    if (!(rounds >= 1) || !(rows >= 1_000 && rows <= 1_000_000) || rows % 1_000 !== 0)
      throw new Error('Expected one round or more, and 1000 to 1000000 rows in thousands');
    return { ...values, rounds, rows };
  } catch (error) {
    throw new StackProblem(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
  }
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options.help) {
    log(HELP);
    return;
  }
  await ensureBuilt(root, join(root, 'dist/main.js'), log);
  const { dataDir, cleanUp } = await workFolder('bench');

  const findings: Finding[] = [];
  try {
    const servers = await benchServers(root, dataDir, log);
    const { rounds, rows, only } = options;
    const stage = new Stage({ root, dataDir, rounds, rows, servers, log });
    const cases = CASES.filter(({ name }) => only.length === 0 || only.includes(name));
    for (const one of cases) {
      const startedAt = performance.now();
      log(`${one.name}: ${one.title}`);
      const found = await one.run(stage);
      log(`${table(found)}\n(${Math.round((performance.now() - startedAt) / 1_000)} s)\n`);
      findings.push(...found);
    }
    await stage.close();
    const run = { rounds, rows, versions: servers.versions };
    log(await conditions(root, run));
    if (options.write && cases.length === CASES.length) await writeDocument(root, findings, run);
  } finally {
    await cleanUp();
  }
  const missed = findings.filter((finding) => !isMet(finding, median(finding.values)));
  log(`${findings.length - missed.length} of ${findings.length} bars met`);
}

try {
  await main();
  process.exit(0);
} catch (error) {
  console.error(describeFailure(error));
  process.exit(1);
}
