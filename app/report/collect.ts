import { addDays } from '../../base/calendar.ts';
import type { Query } from '../../extract/load/warehouse.ts';
import {
  type AssertionRow,
  type EntityRow,
  type KpiRow,
  REPORT_FORMAT,
  type ReconciliationRow,
  type ReportData,
  type Series,
  type Verdict,
  worst,
} from './data.ts';
import { namesOf } from './kpis.ts';
import { companyOf, WEEKS } from './totals.ts';

export interface ReportOptions {
  readonly query: Query;
  readonly datasets: {
    readonly raw: string;
    readonly stage: string;
    readonly mart: string;
    readonly logs: string;
  };
  readonly movements: ReportData['movements'];
  readonly timeZone: string;
  readonly syncStartDate: string;
  readonly runDate: string;
  /** Names of the entities that a night reads. */
  readonly chosen: readonly string[];
  readonly source: string;
  readonly now: Date;
}

/** Reads the report's data from the mart and the logs. */
export async function collectReport(options: ReportOptions): Promise<Omit<ReportData, 'explanations'>> {
  const { query, datasets, movements, runDate, source, now, timeZone } = options;
  const { mart, logs } = datasets;
  const reconciliation = await reconciliationRows(query, datasets);
  const assertions = await assertionRows(query, logs);
  const entities = await query<EntityRow>(
    `select l.entity, l.status, l.end_time, s.watermark, l.records_source, l.records_read, l.records_landed, l.records_loaded,
       l.records_visible, l.records_new, l.records_rejected, l.api_calls, l.error
     from ${logs}.ingestion_logs l
     left join ${logs}.sync_state s on s.entity = l.entity
     qualify row_number() over (partition by l.entity order by l.start_time desc) = 1
     order by l.entity`,
  );
  const [before] = await query<{ run_date: string | null }>(
    `select max(run_date) as run_date from ${mart}.weekly_kpi_history where run_date < date '${runDate}'`,
  );
  const unread = await unreadEntities(query, logs, options);
  return {
    format: REPORT_FORMAT,
    generatedAt: now.toISOString(),
    runDate,
    source,
    verdict: unread.length > 0 ? 'RED' : worst([...reconciliation, ...assertions].map((row) => row.verdict)),
    unread,
    reconciliation,
    week: await lastWholeWeek(query, mart, runDate),
    series: await weeklySeries(query, datasets, runDate),
    nightBefore: before?.run_date ?? null,
    movements,
    assertions,
    entities,
    timeZone,
    ...(await companyOf(options)),
  };
}

/** The screen values beside ours, RED first. */
export function reconciliationRows(
  query: Query,
  { raw, mart }: Pick<ReportOptions['datasets'], 'raw' | 'mart'>,
): Promise<readonly ReconciliationRow[]> {
  return query<ReconciliationRow>(
    `select ours.period_start, ours.period_end, ours.business_unit, ours.kpi, ours.ui_value, ours.our_value,
       ours.difference, ours.tolerance, ours.verdict, ours.reason, screen.read_on, screen.source_note
     from ${mart}.kpi_reconciliation as ours
     left join ${raw}.reference_ui_kpi_values as screen
       on screen.period_start = ours.period_start and screen.period_end = ours.period_end
       and screen.business_unit = ours.business_unit and screen.kpi = ours.kpi
     order by case ours.verdict when 'RED' then 0 when 'YELLOW' then 1 else 2 end, ours.period_start,
       ours.period_end, ours.kpi, ours.business_unit`,
  );
}

/** What each assertion of the last run found, RED first. */
export function assertionRows(query: Query, logs: string): Promise<readonly AssertionRow[]> {
  return query<AssertionRow>(
    `select assertion as name, file, verdict, failing_rows, uncounted_amount, job_count, sample, description
     from ${logs}.assertion_results
     order by case verdict when 'RED' then 0 when 'YELLOW' then 1 else 2 end, assertion`,
  );
}

/** Chosen entities that `assert_entities_fresh` finds; read here too because the assertion may not have run. */
export async function unreadEntities(
  query: Query,
  logs: string,
  { runDate, chosen }: Pick<ReportOptions, 'runDate' | 'chosen'>,
): Promise<readonly string[]> {
  const latest = await query<{ entity: string; is_read: boolean }>(
    `select entity, status = 'success' and run_date >= date '${runDate}' as is_read
     from ${logs}.ingestion_logs
     where mode in ('incremental', 'full') and status <> 'running' and run_date <= date '${runDate}'
     qualify row_number() over (partition by entity order by start_time desc) = 1
     order by entity`,
  );
  return latest.flatMap(({ entity, is_read }) => (is_read || !chosen.includes(entity) ? [] : [entity]));
}

const SNAPSHOTS = namesOf('snapshot')
  .map((name) => `'${name}'`)
  .join(', ');

async function weeklySeries(
  query: Query,
  { stage, mart }: ReportOptions['datasets'],
  runDate: string,
): Promise<readonly Series[]> {
  const rows = await query<Point>(
    `select v.kpi, v.business_unit, v.period_start as week_start, v.value, r.ui_value, r.verdict
     from ${stage}.int_kpi_values v
     left join ${mart}.kpi_reconciliation r
       on r.kpi = v.kpi and r.business_unit = v.business_unit
       and r.period_start = v.period_start and r.period_end = v.period_end
     where v.period_end = v.period_start + 6 and v.business_unit <> 'ALL'
       and v.period_end >= date '${addDays(runDate, -7 * WEEKS)}'
       -- An incomplete week would look like a fall; a snapshot is complete on its day.
       and (v.period_end < date '${runDate}' or v.kpi in (${SNAPSHOTS}))
     order by v.kpi, v.business_unit, v.period_start`,
  );
  const series = new Map<string, Series & { weeks: Series['weeks'][number][] }>();
  for (const { kpi, business_unit, week_start, value, ui_value, verdict } of rows) {
    const key = `${kpi} ${business_unit}`;
    const one = series.get(key) ?? { kpi, business_unit, weeks: [] };
    series.set(key, one);
    const screen = ui_value !== null && verdict !== null ? { value: ui_value, verdict } : null;
    one.weeks.push({ start: week_start, value, screen });
  }
  return [...series.values()];
}

interface Point {
  readonly kpi: string;
  readonly business_unit: string;
  readonly week_start: string;
  readonly value: string | null;
  readonly ui_value: string | null;
  readonly verdict: Verdict | null;
}

async function lastWholeWeek(query: Query, mart: string, runDate: string): Promise<ReportData['week']> {
  const rows = await query<KpiRow & { week_start: string; region: string }>(
    `select * from ${mart}.weekly_kpis
     where week_start = (select max(week_start) from ${mart}.weekly_kpis where week_start <= date '${addDays(runDate, -7)}')
     order by business_unit`,
  );
  const start = rows[0]?.week_start;
  if (start === undefined) return null;
  const kpis = rows.map(({ week_start: _, region: __, ...row }) => row as KpiRow);
  return { start, end: addDays(start, 6), rows: kpis };
}
