import type { AssertionRow, EntityRow, KpiRow, ReconciliationRow, ReportData } from './data.ts';
import { worst } from './data.ts';

/** Reads rows as plain objects whose values are text or null, so that no digit passes through a float. */
export type Query = <Row>(sql: string) => Promise<readonly Row[]>;

export interface ReportOptions {
  readonly query: Query;
  readonly datasets: { readonly mart: string; readonly logs: string };
  readonly runDate: string;
  readonly source: string;
  readonly now: Date;
}

/** Gathers what the report says from the mart and the logs, as the last run left them. */
export async function collectReport({
  query,
  datasets,
  runDate,
  source,
  now,
}: ReportOptions): Promise<ReportData> {
  const { mart, logs } = datasets;
  const reconciliation = await query<ReconciliationRow>(
    `select period_start, period_end, business_unit, kpi, ui_value, our_value, difference, tolerance, verdict, reason
     from ${mart}.kpi_reconciliation
     order by case verdict when 'RED' then 0 when 'YELLOW' then 1 else 2 end, period_start, period_end, kpi, business_unit`,
  );
  const assertions = await query<AssertionRow>(
    `select assertion as name, file, verdict, failing_rows, sample from ${logs}.assertion_results
     order by case verdict when 'RED' then 0 when 'YELLOW' then 1 else 2 end, assertion`,
  );
  const entities = await query<EntityRow>(
    `select entity, status, records_source, records_read, records_landed, records_loaded, records_visible, records_new,
       records_rejected, api_calls, error
     from ${logs}.ingestion_logs
     qualify row_number() over (partition by entity order by start_time desc) = 1
     order by entity`,
  );
  return {
    generatedAt: now.toISOString(),
    runDate,
    source,
    verdict: worst([...reconciliation, ...assertions].map((row) => row.verdict)),
    reconciliation,
    week: await lastWholeWeek(query, mart, runDate),
    assertions,
    entities,
  };
}

async function lastWholeWeek(query: Query, mart: string, runDate: string): Promise<ReportData['week']> {
  const rows = await query<KpiRow & { week_start: string; region: string }>(
    `select * from ${mart}.weekly_kpis
     where week_start = (select max(week_start) from ${mart}.weekly_kpis where week_start <= date '${daysBefore(runDate, 7)}')
     order by business_unit`,
  );
  const start = rows[0]?.week_start;
  if (start === undefined) return null;
  const kpis = rows.map(({ week_start: _, region: __, ...row }) => row as KpiRow);
  return { start, end: daysBefore(start, -6), rows: kpis };
}

function daysBefore(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) - days * 86_400_000).toISOString().slice(0, 10);
}
