import { createRequire } from 'node:module';
import { COMPARED, kpiTitle } from '../report/kpis.ts';

const { MEASURES } = createRequire(import.meta.url)('../../includes/kpis.js') as {
  readonly MEASURES: readonly { readonly name: string; readonly needs: readonly string[] }[];
};

/** What other numbers are computed from: entities, or measures of a day. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  gross_profit: ['labor_cost', 'material_cost', 'return_amount', 'dollars_produced'],
  future_bookings: ['jobs', 'appointments', 'invoices'],
  future_bookings_after_today: ['jobs', 'appointments', 'invoices'],
  outstanding_ar: ['jobs', 'invoices', 'locations'],
};

/** The labels of the KPIs that are among these names, or are computed from one of these entities. */
export function kpisAtRisk(names: readonly string[]): readonly string[] {
  const atRisk = COMPARED.filter(({ name, numerator, denominator }) =>
    [name, numerator, denominator].some(
      (part) => part && [part, ...needsOf(part)].some((need) => names.includes(need)),
    ),
  );
  return [...new Set(atRisk.map(({ name }) => kpiTitle(name)))];
}

function needsOf(name: string): readonly string[] {
  const needs = NEEDS[name] ?? MEASURES.find((measure) => measure.name === name)?.needs ?? [];
  return needs.flatMap((need) => [need, ...needsOf(need)]);
}
