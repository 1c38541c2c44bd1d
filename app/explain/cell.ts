import { addDays, isCalendarDay } from '../../base/calendar.ts';
import { didYouMean } from '../../base/did-you-mean.ts';
import { UsageError } from '../../base/errors.ts';
import { hasKind, type Kind, kpiOf } from '../report/kpis.ts';
import { weekOf } from '../report/rules.ts';
import { EXPLAINED } from './measures.ts';

/** One number of the mart: a KPI of a unit (or ALL units of its kind) over a period of days. */
export interface Cell {
  readonly kpi: string;
  readonly kind: Kind;
  readonly businessUnit: string;
  readonly start: string;
  readonly end: string;
}

/**
 * Parses the arguments of a person: a KPI, a unit, and a day `2025-08-18`, a period `2025-08-18..2025-08-24`, or with
 * `week` the week of a day.
 *
 * @param lastDay the mart's last day; a period that begins later has no number
 * @param units the units of the mart by name, with their kind
 * @throws UsageError listing the valid values
 */
export function readCell(
  asked: {
    readonly kpi: string;
    readonly businessUnit: string;
    readonly period: string;
    readonly week: boolean;
  },
  units: ReadonlyMap<string, string>,
  lastDay?: string,
): Cell {
  const { kpi, businessUnit, period, week } = asked;
  const problems: string[] = [];
  const kind = kpiOf(kpi)?.kind;
  if (kind === undefined || EXPLAINED[kpi] === undefined) {
    const kpis = Object.keys(EXPLAINED);
    problems.push(`There is no KPI "${kpi}"${didYouMean(kpi, kpis)}; the KPIs are ${kpis.join(', ')}`);
  }
  const valid = [...units]
    .filter(([, each]) => kind === undefined || hasKind(each, kind))
    .map(([name]) => name);
  if (businessUnit !== 'ALL' && !valid.includes(businessUnit)) {
    const near = didYouMean(businessUnit, valid);
    problems.push(`${kpi} has no unit "${businessUnit}"${near}; its units are ALL, ${valid.join(', ')}`);
  }
  const [, first = '', last = first] = /^(\d{4}-\d\d-\d\d)(?:\.\.(\d{4}-\d\d-\d\d))?$/.exec(period) ?? [];
  if (!isCalendarDay(first) || !isCalendarDay(last) || last < first) {
    problems.push(`"${period}" is neither a day like 2025-08-18 nor a period like 2025-08-18..2025-08-24`);
  }
  const start = week && isCalendarDay(first) ? weekOf(first) : first;
  if (lastDay !== undefined && start > lastDay && isCalendarDay(first)) {
    problems.push(`${first} is after ${lastDay}, the last day of the mart; a later night adds later days`);
  }
  if (problems.length > 0 || kind === undefined) {
    throw new UsageError(problems, 'Correct the arguments; docs/kpis.md describes the KPIs.');
  }
  return { kpi, kind, businessUnit, start, end: week ? addDays(start, 6) : last };
}
