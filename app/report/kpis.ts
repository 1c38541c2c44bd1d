import { createRequire } from 'node:module';
import { percentOf, quotient, units } from '../../base/decimals.ts';

/** A kind of KPIs. A unit has the KPIs of its kind; one of kind `both` has all. */
export type Kind = 'sales' | 'production';

/** A row of the table of KPIs in `includes/kpis.js`, which says what each field means. */
export interface Kpi {
  readonly name: string;
  readonly label: string;
  /** The heading in the terminal's table of the week; absent if the KPI is not in it. */
  readonly short?: string;
  readonly kind: Kind;
  readonly unit: 'count' | 'usd' | 'percent';
  readonly type: 'sum' | 'distinct' | 'ratio' | 'snapshot';
  readonly from?: string;
  readonly record?: string;
  readonly where?: string;
  readonly amount?: string;
  readonly counted?: string;
  readonly needs?: string;
  readonly numerator?: string;
  readonly denominator?: string;
  readonly tolerance?: string;
  readonly relative?: string;
  readonly alarm?: string;
  readonly better?: 'down';
  readonly meaning?: string;
  readonly description: string;
}

/** All KPIs, in the order of the mart's columns. */
export const KPIS: readonly Kpi[] = (
  createRequire(import.meta.url)('../../includes/kpis.js') as { readonly KPIS: readonly Kpi[] }
).KPIS;

const BY_NAME = new Map(KPIS.map((kpi) => [kpi.name, kpi]));

/** The KPI of this name; undefined for other numbers, such as splits on a screen. */
export function kpiOf(name: string): Kpi | undefined {
  return BY_NAME.get(name);
}

/** Every KPI that a screen value may be compared with. */
export const COMPARED = KPIS.filter(({ tolerance }) => tolerance !== undefined);

/** The KPIs that the report shows. */
export const SHOWN = KPIS.filter(({ meaning }) => meaning !== undefined);

/** Which of these entities a KPI is made of, also through the sums of a ratio. */
export function neededOf(kpi: string, entities: readonly string[]): readonly string[] {
  const { needs = '', numerator, denominator } = kpiOf(kpi) ?? {};
  const own = needs.split(' ');
  const parts = [numerator, denominator].flatMap((part) => (part ? neededOf(part, entities) : []));
  return entities.filter((entity) => own.includes(entity) || parts.includes(entity));
}

/** Labels of the shown KPIs that are made of records of one of these entities. */
export function labelsThatNeed(entities: readonly string[]): readonly string[] {
  return SHOWN.filter(({ name }) => neededOf(name, entities).length > 0).map(({ label }) => label);
}

/** Names of all KPIs of a type, in order. */
export function namesOf(type: Kpi['type']): readonly string[] {
  return KPIS.filter((kpi) => kpi.type === type).map(({ name }) => name);
}

/** A ratio as the mart publishes it, with two decimals; null unless the denominator is positive. */
export function ratioOf(
  { unit }: Pick<Kpi, 'unit'>,
  numerator: string | null,
  denominator: string | null,
): string | null {
  if (unit === 'percent') return percentOf(numerator, denominator);
  if (numerator === null || denominator === null || units(denominator) <= 0n) return null;
  return quotient(numerator, denominator, 2);
}

/** `total_booked` as `Booked`; a name that is no KPI as it is, with blanks. */
export function kpiTitle(name: string): string {
  const words = name.replaceAll('_', ' ');
  return kpiOf(name)?.label ?? words.charAt(0).toUpperCase() + words.slice(1);
}

/** Whether a unit of this kind has KPIs of that kind. */
export function hasKind(unit: string | undefined, kind: Kind): boolean {
  return unit === kind || unit === 'both';
}
