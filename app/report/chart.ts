import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { Series } from './data.ts';
import { compactText, kpiText } from './format.ts';
import { kpiTitle } from './kpis.ts';

/**
 * Draws a small chart of one unit's KPI by week, as SVG text: a line for our values, a ring for each screen value.
 * `scale` is the lowest and the highest value of the charts that are compared. Classes take their colours from the page, so that the chart follows dark mode and print.
 */
export function chartSvg(series: Series, scale: readonly [number, number]): string {
  const { document } = parseHTML('<!doctype html><html></html>');
  const points = series.weeks.flatMap(({ start, value, screen }) => [
    // A double is exact enough for a drawing; the tables show the exact numbers.
    {
      week: new Date(start),
      value: value === null ? Number.NaN : Number(value),
      screen: null as number | null,
    },
    ...(screen ? [{ week: new Date(start), value: Number.NaN, screen: Number(screen.value) }] : []),
  ]);
  const ours = points.filter(({ screen }) => screen === null);
  const screens = points.filter(({ screen }) => screen !== null);
  const svg = Plot.plot({
    document,
    width: 230,
    height: 120,
    marginLeft: 44,
    marginRight: 8,
    marginTop: 10,
    marginBottom: 22,
    x: { type: 'utc', ticks: 3, tickFormat: '%b %d', label: null },
    y: {
      domain: scale[0] === scale[1] ? [0, 1] : [...scale],
      ...{ ticks: 3, label: null, nice: true, grid: true },
      tickFormat: (value: number) => compactText(series.kpi, value).replace('.0', ''),
    },
    marks: [
      Plot.lineY(ours, { x: 'week', y: 'value', strokeWidth: 1.75 }),
      Plot.dot(ours, { x: 'week', y: 'value', r: 1.75, fill: 'currentColor', stroke: 'none' }),
      Plot.dot(screens, { x: 'week', y: 'screen', r: 4.5, strokeWidth: 1.75, className: 'screen' }),
    ],
  });
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', sentence(series));
  // One style sheet serves all charts, and a screen reader reads the label of the whole image.
  for (const part of svg.querySelectorAll('style')) part.remove();
  for (const part of svg.querySelectorAll('[aria-label]')) part.removeAttribute('aria-label');
  return svg.outerHTML;
}

function sentence({ kpi, business_unit, weeks }: Series): string {
  const known = weeks.filter(({ value }) => value !== null);
  const last = known.at(-1);
  const equal = weeks.filter(({ screen }) => screen?.verdict === 'GREEN').length;
  const read = weeks.filter(({ screen }) => screen !== null).length;
  const values = known.map(({ value }) => Number(value));
  const range = last
    ? `${known.length} weeks between ${kpiText(kpi, String(Math.min(...values)))} and ${kpiText(kpi, String(Math.max(...values)))}, ` +
      `${kpiText(kpi, last.value)} in the week of ${last.start}`
    : 'no value yet';
  return `${kpiTitle(kpi)} of ${business_unit}: ${range}${read > 0 ? `; ${equal} of ${read} screen values equal` : ''}`;
}
