import { mondayOf } from '../../base/calendar.ts';
import type { Query } from '../../extract/load/warehouse.ts';
import type { Cell } from './cell.ts';
import type { Rule } from './facts.ts';
import type { Measure } from './measures.ts';
import type { Rules } from './rules.ts';

/** A record behind a number; amounts are exact decimals as text. */
export interface Evidence {
  readonly id: string | null;
  readonly job_id: string | null;
  readonly status: string | null;
  readonly utc: string | null;
  readonly local_date: string | null;
  readonly amount: string;
  /** The run and the landed page that brought the newest version. */
  readonly run_id: string | null;
  readonly page: string | null;
}

export interface MeasureEvidence {
  readonly entity: string;
  readonly combine: Measure['combine'];
  readonly total: string;
  readonly records: readonly Evidence[];
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
  /** The warehouse that is asked: the two cut days from instants by different functions. */
  readonly engine: 'duckdb' | 'bigquery';
  readonly zone: string;
  /** The last day that the mart has: it was built for that run date, which need not be today's. */
  readonly runDate: string;
  readonly rules: Rules;
  /** A number read off a screen; otherwise the one in the reference table, if there is one. */
  readonly screenValue?: string | undefined;
}

/** The records behind a measure, and what the definitions beside the right one would make of it. */
export async function evidenceOf(
  measure: Measure,
  cell: Cell,
  options: ExplainOptions,
): Promise<MeasureEvidence> {
  const { facts, combine } = measure;
  const rule = { ...facts.rule, ...measure.rule };
  const records = await recordsOf(measure, rule, cell, options);
  const neighbours = [];
  for (const { name, ...change } of facts.neighbours) {
    // A measure of its own part of the facts keeps that part under each other rule.
    const where =
      change.where && measure.rule?.where ? `(${change.where}) AND (${measure.rule.where})` : change.where;
    const other = { ...rule, ...change, ...(where !== undefined && { where }) };
    const theirs = await recordsOf(measure, other, cell, options);
    neighbours.push({
      name,
      total: theirs.total,
      adds: without(theirs.records, records.records),
      drops: without(records.records, theirs.records),
    });
  }
  return { entity: facts.entity, combine, ...records, neighbours };
}

function without(records: readonly Evidence[], others: readonly Evidence[]): Evidence[] {
  const known = new Set(others.map(({ id, amount }) => `${id} ${amount}`));
  return records.filter(({ id, amount }) => !known.has(`${id} ${amount}`));
}

const TOTALS: Readonly<Record<Measure['combine'], string>> = {
  sum: 'coalesce(sum(amount), 0)',
  count: 'count(*)',
  // A customer of two units counts in each, so in ALL of them twice.
  customers: "count(DISTINCT concat(business_unit, '|', CAST(customer_id AS STRING)))",
};

async function recordsOf(measure: Measure, rule: Rule, cell: Cell, options: ExplainOptions) {
  const { facts, combine } = measure;
  const chosen = `
    SELECT id, job_id, customer_id, business_unit, status, happened_at, ${rule.date} AS day, ${rule.amount} AS amount
    FROM (${facts.pool}) AS pool
    WHERE (${rule.where}) AND ${unitsOf(cell)}
      AND ${rule.date} BETWEEN DATE '${cell.start}' AND DATE '${lastDay(cell, options)}'`;
  const [total] = await options.query<{ total: string }>(
    filled(`SELECT CAST(${TOTALS[combine]} AS STRING) AS total FROM (${chosen})`, options),
  );
  const records = await options.query<Evidence>(
    filled(
      `SELECT chosen.id, chosen.job_id, chosen.status, CAST(chosen.happened_at AS STRING) AS utc,
         CAST(chosen.day AS STRING) AS local_date, CAST(chosen.amount AS STRING) AS amount, raw._run_id AS run_id,
         raw._source_uri AS page
       FROM (${chosen}) AS chosen
       LEFT JOIN (
         SELECT id, _run_id, _source_uri FROM ${options.datasets.raw}.raw_${facts.entity}
         QUALIFY row_number() OVER (PARTITION BY id ORDER BY modifiedOn DESC, _extracted_at DESC, _row_hash DESC) = 1
       ) AS raw ON raw.id = chosen.id
       ${combine === 'sum' ? 'WHERE chosen.amount <> 0' : ''}
       ORDER BY chosen.happened_at, chosen.id`,
      options,
    ),
  );
  return { total: total?.total ?? '0', records };
}

/** Jobs are planned ahead, but the mart ends with its run date: also in a week that is not over. */
export function lastDay({ end }: Cell, { runDate }: Pick<ExplainOptions, 'runDate'>): string {
  return end < runDate ? end : runDate;
}

/** Which units the cell is about, as SQL over a pool. */
export function unitsOf({ businessUnit, kind }: Cell): string {
  return businessUnit === 'ALL'
    ? `business_unit IN (SELECT business_unit FROM {stage}.int_kpi_units WHERE kind = '${kind}')`
    : `business_unit = ${literal(businessUnit)}`;
}

/** Fills in the placeholders of the pools and rules: datasets, days, instants as days, and what the owner chose. */
export function filled(sql: string, { datasets, engine, zone, runDate, rules }: ExplainOptions): string {
  const day = (instant: string, of: string) =>
    engine === 'bigquery' ? `DATE(${instant}, '${of}')` : `CAST(timezone('${of}', ${instant}) AS DATE)`;
  return sql
    .replaceAll('{stage}', datasets.stage)
    .replaceAll(
      '{is_test}',
      rules.test_customer_rule === 'word' ? 'is_test_customer_word' : 'is_test_customer',
    )
    .replaceAll('{excluded_types}', rules.excluded_production_types.split('|').map(literal).join(', '))
    .replace(/\{day:([^{}]+)\}/g, (_, instant: string) => day(instant, zone))
    .replace(/\{utc_day:([^{}]+)\}/g, (_, instant: string) => day(instant, 'UTC'))
    .replaceAll('{run_week}', mondayOf(runDate))
    .replaceAll('{run_date}', runDate);
}

/** A text as SQL that both engines read: they do not escape alike, so what needs it is put in by its number. */
export function literal(text: string): string {
  const parts = text.split(/(['\\])/).filter(Boolean);
  const spelled = parts.map((part) => (/^['\\]$/.test(part) ? `chr(${part.charCodeAt(0)})` : `'${part}'`));
  return spelled.length === 1 ? spelled.join('') : `concat(${["''", ...spelled].join(', ')})`;
}
