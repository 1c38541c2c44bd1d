import { COMPARED, type Kpi, kpiOf } from '../report/kpis.ts';
import { ALTERNATIVES, changes, type Rule } from './alternatives.ts';
import { type KpiSource, SOURCES } from './facts.ts';

/** A number computed from records: their sum, their count, or the count of their customers. */
export interface Measure {
  /** Entity of the records. */
  readonly entity: string;
  /**
   * A query over the stage schema `{stage}`, one row per record that the model counts or an alternative may count: id,
   * job_id, customer_id, business_unit, happened_at, status, and what the rules read.
   */
  readonly pool: string;
  readonly combine: 'sum' | 'count' | 'customers';
  /** The records that the model of the KPI counts, on the day and with the amount that it says. */
  readonly rule: Rule;
  /** Day and amount that a record of the pool has, whether the model counts it or not. */
  readonly any: Omit<Rule, 'where'>;
  readonly alternatives: readonly ({ readonly name: string; readonly isVendor?: true } & Rule)[];
}

/** A KPI is one measure, or one divided by another. */
export interface Explained {
  readonly numerator: Measure;
  readonly denominator?: Measure;
}

/** The KPIs that `explain` knows, by their name in the mart: all that can be compared with a screen. */
export const EXPLAINED: Readonly<Record<string, Explained>> = Object.fromEntries(
  COMPARED.flatMap((kpi) => {
    const [numerator, denominator] = [kpi.numerator, kpi.denominator].map((name) =>
      measureOf(kpiOf(name ?? '')),
    );
    const own = numerator ?? measureOf(kpi);
    return own ? [[kpi.name, { numerator: own, ...(denominator && { denominator }) }]] : [];
  }),
);

/** What counts is read from the model that the KPI is computed from, so an edited rule explains itself. */
export function measureOf(kpi: Kpi | undefined): Measure | undefined {
  if (kpi?.from === undefined) return undefined;
  const { from, record = 'job_id', where, amount = '1', counted } = kpi;
  const known = SOURCES[from];
  const source = known ?? recordsOf(from, record);
  const pool = `
    SELECT pool.*, counted.matched IS NOT NULL AS is_counted, counted.counted_on, counted.counts_for,
      coalesce(counted.business_unit, pool.own_unit) AS business_unit,
      ${counted ? `coalesce(counted.${counted}, pool.own_customer)` : 'pool.own_customer'} AS customer_id
    FROM (${source.pool}) AS pool
    LEFT JOIN (
      SELECT *, true AS matched, ${kpi.type === 'snapshot' ? "DATE '{run_date}'" : 'event_date'} AS counted_on,
        ${amount} AS counts_for
      FROM {stage}.${from}${where ? ` WHERE ${where}` : ''}
    ) AS counted ON ${source.on ?? `counted.${record} = pool.id`}`;
  const any = {
    date: `CASE WHEN is_counted THEN counted_on ELSE ${source.day} END`,
    amount: `CASE WHEN is_counted THEN counts_for ELSE ${known ? amount : '0'} END`,
  };
  return {
    entity: source.entity,
    pool,
    combine: kpi.type === 'distinct' ? 'customers' : kpi.unit === 'count' && amount === '1' ? 'count' : 'sum',
    rule: { date: 'counted_on', where: 'is_counted', amount: 'counts_for' },
    any,
    alternatives: ALTERNATIVES.filter((each) => changes(each, kpi)).map((change) => ({
      ...any,
      ...change,
      // A KPI that counts only some rows of its model keeps its condition in every alternative.
      where: [change.where ?? 'is_counted', ...(where ? [change.instead?.[where] ?? where] : [])]
        .map((part) => `(${part})`)
        .join(' AND '),
    })),
  };
}

/** The records of a model that nobody has described here: listed, without alternative definitions. */
function recordsOf(model: string, record: string): KpiSource {
  return {
    entity: `${record.replace(/_id$/, '')}s`,
    pool: `
      SELECT DISTINCT ${record} AS id, ${record === 'job_id' ? 'job_id' : 'NULL'} AS job_id, NULL AS own_customer,
        business_unit AS own_unit, event_date AS happened_at, CAST(NULL AS STRING) AS status
      FROM {stage}.${model}`,
    on: `counted.${record} = pool.id AND counted.business_unit = pool.own_unit AND counted.event_date = pool.happened_at`,
    day: 'happened_at',
  };
}
