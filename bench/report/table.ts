import { median } from '../figures.ts';
import { isMet, type Finding } from '../finding.ts';

const HEADER = ['case', 'compared with', 'bar', 'measured', 'rounds', '', 'figures'] as const;

/** As Markdown; prettier lines it up. */
export function table(findings: readonly Finding[]): string {
  const rows = findings.map((finding) => [
    finding.what,
    finding.comparedWith,
    barOf(finding),
    `**${shown(median(finding.values), finding.unit)}**`,
    `${shown(Math.min(...finding.values), finding.unit)} – ${shown(Math.max(...finding.values), finding.unit)}`,
    isMet(finding, median(finding.values)) ? '✓' : '✗',
    finding.details,
  ]);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(HEADER), line(HEADER.map(() => '---')), ...rows.map(line)].join('\n');
}

const barOf = ({ bar, unit }: Finding): string =>
  'atLeast' in bar ? `≥ ${bar.atLeast}${unit}` : `≤ ${bar.atMost}${unit}`;

export const shown = (value: number, unit: string): string =>
  `${value >= 100 ? Math.round(value) : value >= 10 ? value.toFixed(1) : value.toFixed(2)}${unit}`;
