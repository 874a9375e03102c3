import { shown } from '../report/table.ts';
import { type Figure, FIGURES, figures, type Fleet } from './figures.ts';
import { BACKLOG_S, FULL, mostOfOneRedis, needOf, ONCE } from './forecast.ts';
import type { Model } from './model.ts';

const TIMES = [1, 10, 100, 1_000];

/** What each fleet was measured at, and how far the last one is from what the small ones foretold. */
export function fleetTable(fleets: readonly Fleet[], small: readonly Fleet[], model: Model): string {
  const [last] = fleets.slice(-1);
  if (!last) throw new Error('There is no fleet');
  const names = fleets.map(({ apis, workers }) => `${apis} + ${workers}`);
  const header = [
    'API processes + workers',
    ...names,
    `foretold from ${small.length}`,
    'measured / foretold',
  ];
  const rows = figures.map((figure) => {
    const foretold = model.predict(figure, last.apis);
    const measured = fleets.map(({ costs }) => show(figure, costs[figure]));
    return [FIGURES[figure].what, ...measured, show(figure, foretold), ratioOf(last.costs[figure], foretold)];
  });
  return markdown(header, rows);
}

/** What 1, 10, 100 and 1,000 times the load need, in cells none of which has a full Redis. */
export function needTable(model: Model): string {
  const most = mostOfOneRedis(model);
  const header = ['load', 'writes/s', 'rows/s', 'one Redis would be', 'cells', 'API processes', 'workers'];
  header.push(
    'Redis cores',
    'mongod cores',
    'connections to a Redis',
    `memory of ${BACKLOG_S / 60} min without workers`,
    '100,000 jobs wait after',
  );
  const rows = TIMES.map((times) => {
    const whole = needOf(model, times);
    const cells = Math.ceil(times / most);
    const cell = needOf(model, times / cells);
    const full = Number.isFinite(whole.redisCores)
      ? `${shown(whole.redisCores * 100, ' %')} busy`
      : 'beyond any';
    const load = [
      `${count(times)}×`,
      count(ONCE.writes * times),
      count(ONCE.rows * times),
      full,
      count(cells),
    ];
    return [
      ...load,
      ...[count(cell.apis * cells), count(cell.workers * cells)],
      ...[shown(cell.redisCores * cells, ''), shown(cell.mongodCores * cells, '')],
      count(cell.redisConnections),
      ...[shown(whole.backlogBytes / 2 ** 30, ' GiB'), shown(whole.fullAfterS, ' s')],
    ];
  });
  const most1 = `One Redis is ${FULL * 100} % busy at ${shown(most, '×')}: ${count(ONCE.writes * most)} writes and ${count(ONCE.rows * most)} rows a second.`;
  return `${markdown(header, rows)}\n\n${most1}`;
}

function show(figure: Figure, value: number): string {
  const { unit } = FIGURES[figure];
  if (unit.startsWith('µs') && value >= 10_000) return shown(value / 1_000, ` ${unit.replace('µs', 'ms')}`);
  return shown(value, unit && ` ${unit}`);
}

/** Of what is hardly anything, a ratio says nothing. */
const ratioOf = (measured: number, foretold: number): string =>
  Math.abs(foretold) < 2 ? '' : shown(measured / foretold, '×');

const count = (value: number): string => Math.round(value).toLocaleString('en');

function markdown(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(header),
    line(header.map((_, index) => (index === 0 ? '---' : '---:'))),
    ...rows.map(line),
  ].join('\n');
}
