import PQueue from 'p-queue';
import { addDays } from '../../base/calendar.ts';
import { MOST_RECORDS, type MovedRecord, type Movement } from '../report/data.ts';
import { type ExplainOptions, filled, literal } from './evidence.ts';
import { EXPLAINED } from './measures.ts';

type Moved = Omit<Movement, 'records'>;

/** Settled weeks whose value changed since the previous nightly run, each with the records that changed since then. */
export async function movementsOf(
  options: ExplainOptions & { readonly logs: string },
): Promise<readonly Movement[]> {
  const movements = await options.query<Moved>(
    `SELECT CAST(week_start AS STRING) AS week_start, business_unit, kpi, CAST(night_before AS STRING) AS night_before,
       value_before, value
     FROM ${options.datasets.mart}.kpi_movements ORDER BY week_start DESC, business_unit, kpi`,
  );
  const queue = new PQueue({ concurrency: AT_ONCE[options.engine] });
  return queue.addAll(
    movements.map((each) => async () => ({ ...each, records: await recordsOf(each, options) })),
  );
}

/** Numbers whose records are looked for at a time: a hundred side by side need more memory than DuckDB has. */
const AT_ONCE = { duckdb: 2, bigquery: 8 } as const;

/** Entities that have the id of the job whose numbers they change. */
const WITH_JOB_ID =
  'appointments estimates gross_pay_items purchase_orders receipts inventory_bills returns'.split(' ');

async function recordsOf(
  { kpi, business_unit, week_start, night_before }: Moved,
  options: ExplainOptions & { readonly logs: string },
): Promise<readonly MovedRecord[]> {
  const measure = EXPLAINED[kpi]?.numerator;
  if (!measure) return [];
  const { entity, pool, combine, rule, any } = measure;
  const { raw } = options.datasets;
  const since = `_run_id IN (SELECT run_id FROM ${options.logs}.ingestion_logs WHERE run_date > DATE '${night_before}')`;
  const jobs = [`SELECT id FROM ${raw}.raw_jobs WHERE ${since}`];
  if (entity === 'jobs') {
    // A job's numbers change with its invoices, appointments, estimates, pay and material.
    for (const name of WITH_JOB_ID) {
      jobs.push(`SELECT jobId FROM ${raw}.raw_${name} WHERE ${since}`);
    }
    jobs.push(`SELECT job.id FROM ${raw}.raw_invoices WHERE ${since}`);
  }
  const rows = await options.query<
    Omit<MovedRecord, 'entity' | 'counts'> & { counts: boolean; amount: string }
  >(
    filled(
      `SELECT CAST(id AS STRING) AS id, status, CAST(${any.date} AS STRING) AS local_date,
         CAST(${any.amount} AS STRING) AS amount,
         coalesce((${rule.where}) AND ${rule.date} BETWEEN DATE '${week_start}' AND DATE '${addDays(week_start, 6)}', false) AS counts
       FROM (${pool}) AS pool
       WHERE business_unit = ${literal(business_unit)}
         AND (job_id IN (${jobs.join(' UNION ALL ')}) OR id IN (SELECT id FROM ${raw}.raw_${entity} WHERE ${since}))
       ORDER BY counts DESC, id LIMIT ${MOST_RECORDS}`,
      options,
    ),
  );
  return rows.map((row) => ({
    entity,
    ...row,
    amount: combine === 'sum' ? row.amount : null,
  }));
}
