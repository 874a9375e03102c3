/** Null where it is not known. */
export type Series = readonly { atMs: number; value: number | null }[];

interface SparklineProps {
  name: string;
  series: Series;
  show: (value: number) => string;
  /** Any value but 0 is bad news. */
  alarming?: boolean;
}

const WIDTH = 360;
const HEIGHT = 36;
const HOUR_MS = 3_600_000;
/** Samples further apart than this have a gap between them, in ms: nobody looked. */
const GAP_MS = 40_000;

/** An hour as a line, from the left; its highest value reaches the top. */
export function Sparkline({ name, series, show, alarming = false }: SparklineProps) {
  const values = series.map(({ value }) => value).filter((value) => value !== null);
  const highest = Math.max(0, ...values);
  const now = series.at(-1)?.value ?? null;
  const label = now === null ? 'not known' : show(now);
  return (
    <div class={alarming && highest > 0 ? 'sparkline alarming' : 'sparkline'}>
      <span>{name}</span>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${name}: now ${label}, at most ${show(highest)} in the last hour`}
      >
        <path d={pathOf(series, highest)} vector-effect="non-scaling-stroke" />
      </svg>
      <span class="now">
        {label} <small>max {show(highest)}</small>
      </span>
    </div>
  );
}

function pathOf(series: Series, highest: number): string {
  const endMs = series.at(-1)?.atMs ?? 0;
  let lastMs = -Infinity;
  return series
    .map(({ atMs, value }) => {
      if (value === null) return '';
      const x = WIDTH * (1 - (endMs - atMs) / HOUR_MS);
      const y = HEIGHT - 2 - (highest > 0 ? (value / highest) * (HEIGHT - 4) : 0);
      const step = atMs - lastMs > GAP_MS ? 'M' : 'L';
      lastMs = atMs;
      return `${step}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join('');
}
