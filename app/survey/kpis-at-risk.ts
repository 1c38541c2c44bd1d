import { COMPARED, kpiOf, kpiTitle } from '../report/kpis.ts';

/** The labels of the KPIs that are among these names, or are computed from one of these entities. */
export function kpisAtRisk(names: readonly string[]): readonly string[] {
  const atRisk = COMPARED.filter(({ name }) => [name, ...needsOf(name)].some((need) => names.includes(need)));
  return [...new Set(atRisk.map(({ name }) => kpiTitle(name)))];
}

/** The entities that a KPI is computed from; a ratio needs those of both its parts. */
function needsOf(name: string): readonly string[] {
  const { needs = '', numerator, denominator } = kpiOf(name) ?? {};
  const parts = [numerator, denominator].flatMap((part) => part ?? []);
  return [...needs.split(' '), ...parts, ...parts.flatMap(needsOf)];
}
