import { decimal, units } from '../../base/decimals.ts';
import { isMissingTable } from '../../extract/load/missing-table.ts';
import type { Query } from '../../extract/load/warehouse.ts';

/** A value of the mart: a decimal as text. */
type Value = string | null;

/** Rows of a mart by period and unit. */
type Rows = ReadonlyMap<string, { readonly period: string; readonly unit: string; readonly values: Values }>;
type Values = Readonly<Record<string, Value>>;

/** The published numbers of each week and of each day. */
export interface MartValues {
  readonly weeks: Rows;
  readonly days: Rows;
}

/** A column of the mart in which numbers differ between two builds. */
export interface MovedKpi {
  readonly kpi: string;
  /** Cells that differ: one for each week and unit, and one for each day and unit. */
  readonly weeks: number;
  readonly days: number;
  /** The largest difference, of a week if weeks differ, else of a day. */
  readonly largest: {
    /** First day of the week, or the day. */
    readonly period: string;
    readonly isWeek: boolean;
    readonly unit: string;
    readonly before: Value;
    readonly after: Value;
  };
}

/** Reads every number of the mart; undefined while there is none. */
export async function readMart(query: Query, mart: string): Promise<MartValues | undefined> {
  try {
    const [weeks, days] = await Promise.all([
      query<Values>(`select * from ${mart}.weekly_kpis`),
      query<Values>(`select * from ${mart}.daily_kpis`),
    ]);
    return { weeks: rowsBy('week_start', weeks), days: rowsBy('event_date', days) };
  } catch (error) {
    if (isMissingTable(error)) return undefined;
    throw error;
  }
}

function rowsBy(date: string, rows: readonly Values[]): Rows {
  return new Map(
    rows.map((values) => {
      const [period, unit] = [String(values[date]), String(values.business_unit)];
      return [`${period} ${unit}`, { period, unit, values }];
    }),
  );
}

const NUMBER = /^-?\d+(\.\d+)?$/;

/** The columns whose numbers moved, in the order of the mart. A new or deleted column moved in all its cells. */
export function movedBetween(before: MartValues, after: MartValues): readonly MovedKpi[] {
  const weeks = differences(before.weeks, after.weeks);
  const days = differences(before.days, after.days);
  return [...new Set([...weeks.keys(), ...days.keys()])].map((kpi) => {
    const [ofWeeks, ofDays] = [weeks.get(kpi) ?? [], days.get(kpi) ?? []];
    const isWeek = ofWeeks.length > 0;
    const { size: _, ...largest } = (isWeek ? ofWeeks : ofDays).reduce(larger);
    return { kpi, weeks: ofWeeks.length, days: ofDays.length, largest: { ...largest, isWeek } };
  });
}

interface Difference {
  readonly period: string;
  readonly unit: string;
  readonly before: Value;
  readonly after: Value;
  /** How far apart the values are, in billionths. */
  readonly size: bigint;
}

/** The larger difference; of two equal ones the later, because people look at the last weeks first. */
function larger(a: Difference, b: Difference): Difference {
  if (a.size !== b.size) return a.size > b.size ? a : b;
  return `${a.period} ${a.unit}` > `${b.period} ${b.unit}` ? a : b;
}

function differences(before: Rows, after: Rows): ReadonlyMap<string, readonly Difference[]> {
  const found = new Map<string, Difference[]>();
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [old, fresh] = [before.get(key), after.get(key)];
    const { period, unit } = fresh ?? old ?? { period: '', unit: '' };
    for (const kpi of Object.keys({ ...fresh?.values, ...old?.values })) {
      if (old && fresh && old.values[kpi] === fresh.values[kpi]) continue;
      const [was, is] = [numberIn(old?.values[kpi]), numberIn(fresh?.values[kpi])];
      if (was === is) continue;
      const size = units(is ?? '0') - units(was ?? '0');
      // A row that came or went, such as the next day's, is a difference only where it counts something.
      if (size === 0n && !(old && fresh)) continue;
      const list = found.get(kpi) ?? [];
      list.push({ period, unit, before: was, after: is, size: size < 0n ? -size : size });
      found.set(kpi, list);
    }
  }
  return found;
}

/** A number without zeros at its end; null for a text, which is no KPI. */
function numberIn(value: Value | undefined): Value {
  return value !== undefined && value !== null && NUMBER.test(value) ? decimal(units(value)) : null;
}
