import { decimal, units } from '../../base/decimals.ts';
import { isNewestVersion } from '../../extract/load/newest-version.ts';
import type { Query } from '../../extract/load/warehouse.ts';
import { type Rules, weekOf } from '../report/rules.ts';

import type { Cell } from './cell.ts';
import type { Measure } from './measures.ts';

/** A record behind a number; amounts are exact decimals as text. */
export interface Evidence {
  readonly id: string | null;
  readonly job_id: string | null;
  /** The number that people know the job by, and the name of its type. */
  readonly job_number: string | null;
  readonly job_type: string | null;
  readonly status: string | null;
  readonly utc: string | null;
  readonly local_date: string | null;
  readonly amount: string;
  /** The run and the landed page of the newest version. */
  readonly run_id: string | null;
  readonly page: string | null;
}

export interface MeasureEvidence {
  readonly entity: string;
  readonly combine: Measure['combine'];
  readonly total: string;
  readonly records: readonly Evidence[];
  /** What alternative definitions of the KPI give. */
  readonly neighbours: readonly {
    readonly name: string;
    /** Whether it is ServiceTitan's own definition. */
    readonly isVendor: boolean;
    readonly total: string;
    readonly adds: readonly Evidence[];
    readonly drops: readonly Evidence[];
  }[];
}

export interface ExplainOptions {
  readonly query: Query;
  readonly datasets: { readonly raw: string; readonly stage: string; readonly mart: string };
  /** The two warehouses have different functions for the day of an instant. */
  readonly engine: 'duckdb' | 'bigquery';
  readonly zone: string;
  /** The run date that the mart was built for, which is its last day. */
  readonly runDate: string;
  readonly rules: Rules;
  /** A number read off a screen; otherwise the one in the reference table, if there is one. */
  readonly screenValue?: string | undefined;
}

/** Finds the records behind a measure, and what alternative definitions would give: one query reads all of them. */
export async function evidenceOf(
  measure: Measure,
  cell: Cell,
  options: ExplainOptions,
): Promise<MeasureEvidence> {
  const { entity, combine, rule, alternatives } = measure;
  const found = await options.query<FoundRecord>(filled(recordsQuery(measure, cell, options), options));
  const [ours, ...others] = [rule, ...alternatives].map((_, index) => countedBy(index, found, combine));
  if (!ours) throw new TypeError('a measure has at least its own rule');
  const neighbours = alternatives.flatMap(({ name, isVendor = false }, index) => {
    const other = others[index];
    if (!other) return [];
    const { total, records } = other;
    const [adds, drops] = [without(records, ours.records), without(ours.records, records)];
    return [{ name, isVendor, total, adds, drops }];
  });
  return { entity, combine, ...ours, neighbours };
}

function without(records: readonly Evidence[], others: readonly Evidence[]): Evidence[] {
  const known = new Set(others.map(({ id, amount }) => `${id} ${amount}`));
  return records.filter(({ id, amount }) => !known.has(`${id} ${amount}`));
}

/** A record that at least one definition counts; definition n has `counts_n`, `day_n` and `amount_n`. */
type FoundRecord = Omit<Evidence, 'local_date' | 'amount'> & {
  readonly business_unit: string;
  readonly customer_id: string | null;
} & { readonly [column: `counts_${number}`]: boolean | null } & {
  readonly [column: `${'day' | 'amount'}_${number}`]: string | null;
};

/** The records that one definition counts, and the number that they make. */
function countedBy(index: number, found: readonly FoundRecord[], combine: Measure['combine']) {
  const counted = found.filter((record) => record[`counts_${index}`] === true);
  const records = counted.map((record): Evidence => {
    const { id, job_id, job_number, job_type, status, utc, run_id, page } = record;
    const known = { id, job_id, job_number, job_type, status, utc, run_id, page };
    return { ...known, local_date: record[`day_${index}`] ?? null, amount: record[`amount_${index}`] ?? '0' };
  });
  if (combine === 'count') return { total: String(records.length), records };
  if (combine === 'customers') {
    // A customer of two units counts in each of them, so ALL counts that customer twice.
    const customers = counted.filter(({ customer_id }) => customer_id !== null);
    const each = customers.map(({ business_unit, customer_id }) => `${business_unit}|${customer_id}`);
    return { total: String(new Set(each).size), records };
  }
  const total = records.reduce((sum, { amount }) => sum + units(amount), 0n);
  return { total: decimal(total), records: records.filter(({ amount }) => units(amount) !== 0n) };
}

function recordsQuery(
  { entity, pool, rule, alternatives }: Measure,
  cell: Cell,
  options: ExplainOptions,
): string {
  const definitions = [rule, ...alternatives];
  const days = `BETWEEN DATE '${cell.start}' AND DATE '${lastDay(cell, options)}'`;
  const judged = definitions.map(
    ({ where, date, amount }, index) => `(${where}) AND ${date} ${days} AS counts_${index},
         CAST(${date} AS STRING) AS day_${index}, CAST(${amount} AS STRING) AS amount_${index}`,
  );
  const columns = definitions.map((_, index) => `counts_${index}, day_${index}, amount_${index}`).join(', ');
  return `
    WITH found AS (
      SELECT * FROM (
        SELECT id, job_id, customer_id, business_unit, status, happened_at, ${judged.join(', ')}
        FROM (${pool}) AS pool
        WHERE ${unitsOf(cell)}
      ) AS judged
      WHERE ${definitions.map((_, index) => `counts_${index}`).join(' OR ')}
    )
    SELECT found.id, found.job_id, CAST(job.job_number AS STRING) AS job_number, types.job_type_name AS job_type,
      found.status, CAST(found.happened_at AS STRING) AS utc, raw._run_id AS run_id, raw._source_uri AS page,
      found.business_unit, CAST(found.customer_id AS STRING) AS customer_id, ${columns}
    FROM found
    LEFT JOIN (
      SELECT id, _run_id, _source_uri FROM ${options.datasets.raw}.raw_${entity}
      WHERE id IN (SELECT id FROM found)
      QUALIFY ${isNewestVersion('id', 'modifiedOn')}
    ) AS raw ON raw.id = found.id
    LEFT JOIN {stage}.stg_jobs AS job ON job.job_id = found.job_id
    LEFT JOIN {stage}.int_job_types AS types ON types.job_type_id = job.job_type_id
    ORDER BY found.happened_at, found.id`;
}

/** The mart ends with its run date, even if the period does not: jobs are planned ahead. */
export function lastDay({ end }: Cell, { runDate }: Pick<ExplainOptions, 'runDate'>): string {
  return end < runDate ? end : runDate;
}

/** The condition that selects the cell's units, as SQL over a pool. */
export function unitsOf({ businessUnit, kind }: Cell): string {
  return businessUnit === 'ALL'
    ? `business_unit IN (SELECT business_unit FROM {stage}.int_kpi_units WHERE kind IN ('${kind}', 'both'))`
    : `business_unit = ${literal(businessUnit)}`;
}

/** Fills in the placeholders of pools and rules: datasets, days, days of instants, and the owner's rules. */
export function filled(sql: string, { datasets, engine, zone, runDate, rules }: ExplainOptions): string {
  const day = (instant: string, of: string) =>
    engine === 'bigquery' ? `DATE(${instant}, '${of}')` : `CAST(timezone('${of}', ${instant}) AS DATE)`;
  return sql
    .replaceAll('{stage}', datasets.stage)
    .replaceAll(
      '{is_test}',
      rules.test_customer_rule === 'word' ? 'is_test_customer_word' : 'is_test_customer',
    )
    .replace(/\{day:([^{}]+)\}/g, (_, instant: string) => day(instant, zone))
    .replace(/\{utc_day:([^{}]+)\}/g, (_, instant: string) => day(instant, 'UTC'))
    .replaceAll('{run_week}', weekOf(runDate))
    .replaceAll('{run_date}', runDate)
    .replaceAll('{receivables_minimum}', rules.receivables_minimum);
}

/** A text as SQL for both engines: they escape differently, so quotes and backslashes become `chr(…)`. */
export function literal(text: string): string {
  const parts = text.split(/(['\\])/).filter(Boolean);
  const spelled = parts.map((part) => (/^['\\]$/.test(part) ? `chr(${part.charCodeAt(0)})` : `'${part}'`));
  return spelled.length === 1 ? spelled.join('') : `concat(${["''", ...spelled].join(', ')})`;
}
