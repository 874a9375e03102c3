import { median } from '../figures.ts';
import { type Costs, type Figure, figures, type Fleet } from './figures.ts';

/** A cost is the same in every fleet, but that Redis tells each API process that has event streams of every event. */
const TOLD_TO_EACH: readonly Figure[] = ['redisPersist'];

export interface Model {
  /** What a figure is in a fleet with so many API processes. */
  predict: (figure: Figure, apis: number) => number;
}

/** Drawn from small fleets. */
export function modelOf(fleets: readonly Fleet[]): Model {
  const lines = new Map(figures.map((figure) => [figure, lineOf(figure, fleets)]));
  return {
    predict: (figure, apis) => {
      const { base, perApi } = lines.get(figure) ?? { base: NaN, perApi: NaN };
      return base + perApi * apis;
    },
  };
}

export function costsAt(model: Model, apis: number): Costs {
  return Object.fromEntries(figures.map((figure) => [figure, model.predict(figure, apis)])) as Costs;
}

/** Of the same fleet, measured several times. */
export function medianOf(rounds: readonly Costs[]): Costs {
  const of = (figure: Figure) => median(rounds.map((costs) => costs[figure]));
  return Object.fromEntries(figures.map((figure) => [figure, of(figure)])) as Costs;
}

/** Least squares. */
function lineOf(figure: Figure, fleets: readonly Fleet[]): { base: number; perApi: number } {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(fleets.map(({ apis }) => apis)), mean(fleets.map(({ costs }) => costs[figure]))];
  const spread = mean(fleets.map(({ apis }) => (apis - x) ** 2));
  if (!TOLD_TO_EACH.includes(figure) || spread === 0) return { base: y, perApi: 0 };
  // No process makes the work of others less: below nothing is noise.
  const perApi = Math.max(
    0,
    mean(fleets.map(({ apis, costs }) => (apis - x) * (costs[figure] - y))) / spread,
  );
  return { base: y - perApi * x, perApi };
}
