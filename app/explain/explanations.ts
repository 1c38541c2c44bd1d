import type { CountedRecord, ReconciliationRow, ScreenExplanation } from '../report/data.ts';
import { kpiOf } from '../report/kpis.ts';
import type { Evidence, ExplainOptions, MeasureEvidence } from './evidence.ts';
import { type Explanation, explain } from './explain.ts';
import { EXPLAINED } from './measures.ts';
import { equalsScreen, valuesOf } from './values.ts';

/** Each takes a dozen queries, so a night in which everything is off must not take an hour. */
const MOST = 20;
/** A night must not wait for all of them: after this time no further one begins. */
const BUDGET_MS = 3_000;
const MOST_RECORDS = 10;

/** Explains screen values that are off: the first ones of the list, and as many as there is time for. */
export async function explanationsOf(
  rows: readonly ReconciliationRow[],
  options: Omit<ExplainOptions, 'screenValue'>,
): Promise<readonly ScreenExplanation[]> {
  const explanations: ScreenExplanation[] = [];
  const endMs = performance.now() + BUDGET_MS;
  for (const row of rows.filter(({ verdict }) => verdict !== 'GREEN').slice(0, MOST)) {
    if (explanations.length > 0 && performance.now() > endMs) break;
    const kind = kpiOf(row.kpi)?.kind;
    if (kind === undefined || EXPLAINED[row.kpi] === undefined) continue;
    const { kpi, business_unit, period_start, period_end } = row;
    const cell = { kpi, kind, businessUnit: business_unit, start: period_start, end: period_end };
    const found = await explain(cell, { ...options, screenValue: row.ui_value });
    if (found.numerator) explanations.push(summaryOf(row, found, found.numerator));
  }
  return explanations;
}

function summaryOf(
  { period_start, period_end, business_unit, kpi, ui_value }: ReconciliationRow,
  { screen, denominator }: Explanation,
  numerator: MeasureEvidence,
): ScreenExplanation {
  const listed = denominator ?? numerator;
  return {
    ...{ period_start, period_end, business_unit, kpi },
    candidates: screen?.candidates ?? [],
    alternatives: valuesOf(kpi, { numerator, denominator }).map(({ name, isVendor, value }) => {
      const { adds = [], drops = [] } = listed.neighbours.find((each) => each.name === name) ?? {};
      return {
        ...{ name, isVendor, value, equalsScreen: equalsScreen(kpi, value, ui_value) },
        ...{ adds: firstOf(adds), drops: firstOf(drops), addCount: adds.length, dropCount: drops.length },
      };
    }),
    records: listed.records.length,
    entity: listed.entity,
  };
}

function firstOf(records: readonly Evidence[]): readonly CountedRecord[] {
  return records.slice(0, MOST_RECORDS).map(({ id, amount, local_date }) => ({ id, amount, local_date }));
}
