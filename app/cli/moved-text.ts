import type { MovedKpi } from '../pipeline/moved.ts';
import { dayText, kpiText, roundText } from '../report/format.ts';
import { kpiTitle } from '../report/kpis.ts';
import { textTable } from './text-table.ts';

/** What moved in the mart, one line for each KPI: how many cells, the largest of them, and where it is. */
export function movedText(moved: readonly MovedKpi[] | undefined): string {
  if (moved === undefined) return 'There was no mart before, so no number can have moved.';
  if (moved.length === 0) return 'No number of the mart moved.';
  const rows = moved.map(({ kpi, weeks, days, largest }) => {
    const { before, after, unit, period, isWeek } = largest;
    const isClose = roundText(kpi, before) === roundText(kpi, after);
    const text = isClose ? kpiText : roundText;
    return [
      kpiTitle(kpi),
      weeks,
      days,
      `${text(kpi, before)} → ${text(kpi, after)}`,
      `${unit}, ${isWeek ? 'week of ' : ''}${dayText(period)}`,
    ];
  });
  return textTable(['Moved', 'Weeks', 'Days', 'Most', 'Where'], rows, new Set(['Weeks', 'Days']));
}
