import { init } from 'echarts';
import { median } from '../figures.ts';
import { isMet, type Finding } from '../finding.ts';
import { shown } from './table.ts';

const WIDTH = 960;
const ROW_HEIGHT = 34;
/** Far beyond a bar, a figure says no more than that. */
const MOST = 3;
const MET = '#2da44e';
const MISSED = '#cf222e';
/** Readable on white and on black. */
const TEXT = '#7d8590';

/** How far each figure is beyond its bar: a bar of the chart that reaches the line has met its own. */
export function picture(findings: readonly Finding[]): string {
  const shownFindings = [...findings].reverse();
  const chart = init(null, null, {
    renderer: 'svg',
    ssr: true,
    width: WIDTH,
    height: 90 + ROW_HEIGHT * shownFindings.length,
  });
  chart.setOption({
    animation: false,
    title: {
      text: 'Measured against the bar (1 = bar met; longer is better)',
      textStyle: { color: TEXT, fontSize: 15 },
      left: 8,
    },
    grid: { left: 400, right: 90, top: 44, bottom: 30 },
    xAxis: {
      type: 'value',
      max: MOST,
      axisLabel: { color: TEXT },
      splitLine: { lineStyle: { opacity: 0.2 } },
    },
    yAxis: {
      type: 'category',
      data: shownFindings.map((finding) => labelOf(finding, findings)),
      axisLabel: { color: TEXT, width: 380, overflow: 'truncate' },
    },
    series: [
      {
        type: 'bar',
        barWidth: 16,
        data: shownFindings.map((finding) => ({
          value: Math.min(MOST, reach(finding)),
          itemStyle: { color: isMet(finding, median(finding.values)) ? MET : MISSED },
          label: { formatter: shown(median(finding.values), finding.unit) },
        })),
        label: { show: true, position: 'right', color: TEXT },
        markLine: {
          symbol: 'none',
          data: [{ xAxis: 1 }],
          lineStyle: { color: TEXT, type: 'dashed' },
          label: { show: false },
        },
      },
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

const reach = ({ bar, values }: Finding): number =>
  'atLeast' in bar ? median(values) / bar.atLeast : bar.atMost / median(values);

/** With what it is compared, where that is what tells it from another one. */
const labelOf = ({ what, comparedWith }: Finding, all: readonly Finding[]): string =>
  all.filter((other) => other.what === what).length > 1 ? `${what}, ${comparedWith}` : what;
