import { isNewestVersion } from '../../extract/load/newest-version.ts';
import type { Query } from '../../extract/load/warehouse.ts';
import { type Rules, weekOf } from '../report/rules.ts';
import type { Cell } from './cell.ts';
import type { Rule } from './facts.ts';
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

/** Finds the records behind a measure, and what alternative definitions would give. */
export async function evidenceOf(
  measure: Measure,
  cell: Cell,
  options: ExplainOptions,
): Promise<MeasureEvidence> {
  const { entity, combine } = measure;
  const records = await recordsOf(measure, measure.rule, cell, options);
  const neighbours = [];
  for (const alternative of measure.alternatives) {
    const result = await recordsOf(measure, alternative, cell, options);
    neighbours.push({
      name: alternative.name,
      total: result.total,
      adds: without(result.records, records.records),
      drops: without(records.records, result.records),
    });
  }
  return { entity, combine, ...records, neighbours };
}

function without(records: readonly Evidence[], others: readonly Evidence[]): Evidence[] {
  const known = new Set(others.map(({ id, amount }) => `${id} ${amount}`));
  return records.filter(({ id, amount }) => !known.has(`${id} ${amount}`));
}

const TOTALS: Readonly<Record<Measure['combine'], string>> = {
  sum: 'coalesce(sum(amount), 0)',
  count: 'count(*)',
  // A customer of two units counts in each of them, so ALL counts that customer twice.
  customers: "count(DISTINCT concat(business_unit, '|', CAST(customer_id AS STRING)))",
};

async function recordsOf(measure: Measure, rule: Rule, cell: Cell, options: ExplainOptions) {
  const { entity, pool, combine } = measure;
  const chosen = `
    SELECT id, job_id, customer_id, business_unit, status, happened_at, ${rule.date} AS day, ${rule.amount} AS amount
    FROM (${pool}) AS pool
    WHERE (${rule.where}) AND ${unitsOf(cell)}
      AND ${rule.date} BETWEEN DATE '${cell.start}' AND DATE '${lastDay(cell, options)}'`;
  const [total] = await options.query<{ total: string }>(
    filled(`SELECT CAST(${TOTALS[combine]} AS STRING) AS total FROM (${chosen})`, options),
  );
  const records = await options.query<Evidence>(
    filled(
      `SELECT chosen.id, chosen.job_id, CAST(job.job_number AS STRING) AS job_number,
         types.job_type_name AS job_type, chosen.status, CAST(chosen.happened_at AS STRING) AS utc,
         CAST(chosen.day AS STRING) AS local_date, CAST(chosen.amount AS STRING) AS amount, raw._run_id AS run_id,
         raw._source_uri AS page
       FROM (${chosen}) AS chosen
       LEFT JOIN (
         SELECT id, _run_id, _source_uri FROM ${options.datasets.raw}.raw_${entity}
         WHERE id IN (SELECT id FROM (${chosen}) AS found)
         QUALIFY ${isNewestVersion('id', 'modifiedOn')}
       ) AS raw ON raw.id = chosen.id
       LEFT JOIN {stage}.stg_jobs AS job ON job.job_id = chosen.job_id
       LEFT JOIN {stage}.int_job_types AS types ON types.job_type_id = job.job_type_id
       ${combine === 'sum' ? 'WHERE chosen.amount <> 0' : ''}
       ORDER BY chosen.happened_at, chosen.id`,
      options,
    ),
  );
  return { total: total?.total ?? '0', records };
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
    .replaceAll('{run_date}', runDate);
}

/** A text as SQL for both engines: they escape differently, so quotes and backslashes become `chr(…)`. */
export function literal(text: string): string {
  const parts = text.split(/(['\\])/).filter(Boolean);
  const spelled = parts.map((part) => (/^['\\]$/.test(part) ? `chr(${part.charCodeAt(0)})` : `'${part}'`));
  return spelled.length === 1 ? spelled.join('') : `concat(${["''", ...spelled].join(', ')})`;
}
